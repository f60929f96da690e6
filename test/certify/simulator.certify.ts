import { TOPICS, Talk } from './conversation';
import { DockerRegistry } from './docker-registry';
import { TestRegistry } from '../helpers/registry';

// The unit tests depend on the simulated registry, so it must behave like the real one.
const certify = process.env.CERTIFY_MISSING ? describe.skip : describe;

certify('the simulated registry answers as Docker\'s own registry does, about', () => {
  let simulated: TestRegistry;
  let real: DockerRegistry;
  let talks: Talk[];

  beforeAll(async () => {
    [simulated, real] = [await TestRegistry.start(), await DockerRegistry.start()];
    talks = [simulated, real].map(({ origin }) => new Talk(origin));
  });
  afterAll(async () => Promise.all([simulated, real].map(async registry => registry?.stop())));

  test.each(Object.entries(TOPICS))('%s', async (_, topic) => {
    const [said, expected] = await Promise.all(talks.map(async talk => topic(talk).then(() => talk.takeNews())));

    expect(expected.length).toBeGreaterThan(1);
    expect(said).toEqual(expected);
  });
});
