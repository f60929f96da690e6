import * as fc from 'fast-check';
import { TaskVolume } from '../../../src';
import { Named, NGINX, serviceWith, taskOf } from '../../helpers/containers';

const CONTAINERS: Named = {
  web: {
    port: 8080,
    environment: { B: '2', A: '1', C: '3' },
    dockerLabels: { y: '2', x: '1' },
    volumes: { '/b': TaskVolume.ephemeral('b'), '/a': TaskVolume.ephemeral('a') },
  },
  agent: { port: 9000, essential: false },
  cache: { volumes: { '/a': TaskVolume.ephemeral('a') } },
};

/** Every map in another order, as Java and Go can pass it. */
function shuffled(value: unknown, next: () => number): unknown {
  if (typeof value !== 'object' || value === null || Object.getPrototypeOf(value) !== Object.prototype) return value;
  return Object.fromEntries(Object.entries(value)
    .map(([key, each]) => ({ place: next(), entry: [key, shuffled(each, next)] }))
    .sort((a, b) => a.place - b.place)
    .map(({ entry }) => entry));
}

test('the order of the entries in a map does not restart tasks', () => {
  const usual = JSON.stringify(taskOf(serviceWith(CONTAINERS).stack).task);
  fc.assert(fc.property(fc.infiniteStream(fc.nat()), places => {
    const containers = shuffled(CONTAINERS, () => places.next().value) as Named;
    expect(JSON.stringify(taskOf(serviceWith(containers).stack).task)).toBe(usual);
  }), { numRuns: 20 });
});

describe('the container that the L2 uses if none is named', () => {
  const mainOf = (containers: Named) => serviceWith(containers).service.taskDefinition.defaultContainer?.containerName;

  test.each<[string, Named, string]>([
    ['the first that listens', { side: {}, web: { port: 80 }, admin: { port: 81 } }, 'web'],
    ['not a container that is not essential', { agent: { port: 1, essential: false }, web: { port: 80 } }, 'web'],
    ['the first essential one, where none listens', { agent: { essential: false }, worker: {}, helper: {} }, 'worker'],
  ])('is %s', (_what, containers, main) => {
    expect(mainOf(containers)).toBe(main);
  });
});

test('a container that is added later comes after the others, in the order of the program', () => {
  const { service, stack } = serviceWith({ web: {} });
  service.addContainer('b', { image: NGINX });
  service.addContainer('a', { image: NGINX });
  expect(taskOf(stack).order).toEqual(['web', 'b', 'a']);
});
