import fc from 'fast-check';
import type { Real } from './cloudformation-commands';
import { Crash } from './cloudformation-crash';
import { Death } from './cloudformation-function';
import { Model, Order } from './cloudformation-model';

/** The failures of a deployment. */
export interface Trouble {
  readonly name: string;
  /** Whether another resource of the stack fails after ours. */
  readonly elsewhere?: boolean;
  /** Activates the failure for the next event. */
  readonly arrange?: (real: Real, model: Model, order: Order) => void;
}

const FORBIDDEN = { status: 403, code: 'DENIED', message: 'not for you' };

const KNOWN: readonly Trouble[] = [
  { name: 'nothing' },
  { name: 'nothing' },
  { name: 'nothing' },
  { name: 'another resource fails', elsewhere: true },
  {
    name: 'the source refuses',
    arrange: ({ world: { registry }, auditor }) => {
      registry.fail('GET manifest', FORBIDDEN);
      auditor.refusals = 1;
    },
  },
  {
    name: 'the source refuses, in the rollback too',
    arrange: ({ world: { registry }, auditor }, model, order) => {
      // After a failed replacement, CloudFormation may only delete the new id.
      auditor.refusals = model.template?.destination === order.destination ? 2 : 1;
      registry.fail('GET manifest', FORBIDDEN, { times: auditor.refusals });
    },
  },
  {
    name: 'the source is down',
    arrange: ({ world: { registry }, auditor }) => {
      registry.fail('GET manifest', { status: 503 }, { times: 6 });
      auditor.refusals = 1;
    },
  },
  { name: 'the source is busy', arrange: ({ world: { registry } }) => registry.fail('GET manifest', { status: 429 }, { times: 2 }) },
  {
    name: 'the destination refuses',
    arrange: ({ world: { registry }, auditor }, model, order) => {
      if (!model.wouldWrite(order)) return;
      registry.fail('PUT manifest', FORBIDDEN);
      auditor.refusals = 1;
    },
  },
  { name: 'the event is late', arrange: ({ world: { lambda } }) => { lambda.late = true; } },
];

const MORE_THAN_ONCE = fc.record({ duplicates: fc.integer({ min: 1, max: 2 }), atOnce: fc.boolean() })
  .map(({ duplicates, atOnce }): Trouble => ({
    name: `the event comes ${duplicates + 1} times${atOnce ? ' at once' : ''}`,
    arrange: ({ world: { lambda } }) => { Object.assign(lambda, { duplicates, atOnce }); },
  }));

const UNHEARD = fc.integer({ min: 1, max: 18 }).map((times): Trouble => ({
  name: `the answer is refused ${times} times`,
  arrange: ({ world: { answers } }) => answers.refuse(...Array.from({ length: times }, (_, index) => index % 3 === 0 ? 'reset' : 503)),
}));

const TIMES = fc.integer({ min: 1, max: 3 });

const DEATH = fc.tuple(fc.constantFrom<Death>('at the start', 'before the answer', 'after the answer'), TIMES)
  .map(([death, times]) => dies(times, death, String(death)));

const CRASH = fc.tuple(
  fc.constantFrom<Crash['moment']>('before', 'within', 'after'),
  fc.oneof(
    fc.record({ of: fc.constant(/./), nth: fc.integer({ min: 1, max: 16 }) }),
    fc.record({ of: fc.constant(/^PUT .*\/manifests\//), nth: fc.integer({ min: 1, max: 3 }) }),
  ),
  TIMES,
).map(([moment, { of, nth }, times]) => dies(times, { moment, of, nth }, `${moment} request ${nth} of ${String(of)}`));

/** All possible failures, and often none. */
export const TROUBLES: fc.Arbitrary<Trouble> = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...KNOWN) },
  { weight: 1, arbitrary: MORE_THAN_ONCE },
  { weight: 1, arbitrary: UNHEARD },
  { weight: 1, arbitrary: DEATH },
  { weight: 2, arbitrary: CRASH },
);

function dies(times: number, death: Death, where: string): Trouble {
  return {
    name: `${times} processes die ${where}`,
    arrange: ({ world }) => { world.function.deaths = Array.from({ length: times }, () => death); },
  };
}
