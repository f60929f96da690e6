import { Outcome } from '../../../src/custom-resource/protocol';
import { Stack } from '../../helpers/cloudformation';
import { SIGNATURE } from '../../helpers/cloudformation-answers';
import { World, live } from '../../helpers/cloudformation-world';
import { image } from '../../helpers/registry-images';

const first = image('first');

let world: World;
let stack: Stack;

beforeEach(async () => {
  world = await World.offering({ first });
  stack = world.stack();
});
afterEach(async () => world.close());

/** Deploys with work that ends like this, and returns the only response. */
async function answerFor(outcome: Outcome): Promise<{ readonly bytes: number; readonly json: Record<string, unknown> }> {
  world.function.work = async () => outcome;
  await stack.deploy({});
  const [body, ...others] = world.answers.received(stack.events[0].RequestId);
  expect(others).toEqual([]);
  return { bytes: body.length, json: JSON.parse(body.toString()) };
}

describe('a response that CloudFormation does not accept', () => {
  test.each([
    ['four times', [500, 503, 'reset', 503] as const],
    ['five times', ['reset', 'reset', 500, 'reset', 403] as const],
  ])('%s is sent again by the same invocation', async (_, refusals) => {
    world.answers.refuse(...refusals);

    expect(await stack.deploy(world.properties('first'))).toBe('CREATE_COMPLETE');

    expect(world.answers.puts).toBe(refusals.length + 1);
    expect(world.function.runs).toHaveLength(1);
  });

  test('during a whole invocation is sent by the next one, which copies nothing again', async () => {
    world.answers.refuse(...Array.from({ length: 6 }, () => 503));

    expect(await stack.deploy(world.properties('first'))).toBe('CREATE_COMPLETE');

    expect(world.function.runs).toHaveLength(2);
    expect(world.registry.count('mount')).toBe(2);
    expect(stack.resource?.data).toMatchObject({ Tag: live(first) });
  });

  test('permanently fails after three invocations, and the response URL is in no log', async () => {
    world.answers.refuse(...Array.from({ length: 18 }, () => 'reset' as const));

    expect(await stack.deploy(world.properties('first'))).toBe('ROLLBACK_COMPLETE');

    expect(world.answers.puts).toBe(19);
    expect(stack.events[1].PhysicalResourceId).toContain('INVENTED');
    expect(world.function.logs.join('\n')).not.toMatch(new RegExp(`${SIGNATURE}|http:`));
  });
});

describe('a response of a given length', () => {
  const success = (letters: number): Outcome => ({ status: 'SUCCESS', data: { DigestHex: 'x'.repeat(letters) } });

  test.each([4095, 4096, 4097])('(%i bytes) is accepted, or replaced by a failure that says so', async bytes => {
    const { bytes: envelope } = await answerFor(success(0));
    stack = world.stack({ name: 'Two' });

    const answer = await answerFor(success(bytes - envelope));

    if (bytes <= 4096) {
      expect(answer).toMatchObject({ bytes, json: { Status: 'SUCCESS' } });
    } else {
      expect(answer.json).toMatchObject({ Status: 'FAILED', Reason: 'the response would be longer than the 4096 bytes that CloudFormation reads' });
      expect(world.answers.answerTo(stack.events[0])?.physicalId).toMatch(/#[0-9a-f]{16}$/);
    }
  });

  test.each([1023, 1024, 1025, 4095, 4096, 4097, 100_000])('with a reason of %i bytes contains as much of it as fits', async bytes => {
    const reason = 'could not '.repeat(bytes).slice(0, bytes);

    const { json } = await answerFor({ status: 'FAILED', reason });

    expect(json.Reason).toBe(bytes <= 1024 ? reason : `${reason.slice(0, 1021)}…`);
  });
});

describe('the reason of a failure', () => {
  test.each([0, 1, 2, 3].flatMap(shift => ['é', '日', '🚢'].map(character => ({ shift, character }))))(
    'with many $character is cut between two of them (after $shift letters)', async ({ shift, character }) => {
      const { bytes, json } = await answerFor({ status: 'FAILED', reason: 'x'.repeat(shift) + character.repeat(2000) });

      expect(bytes).toBeLessThanOrEqual(4096);
      expect(json.Reason).toMatch(new RegExp(`^x{${shift}}(?:${character})+…$`, 'u'));
      expect(Buffer.byteLength(String(json.Reason))).toBeLessThanOrEqual(1024);
    });

  test.each([
    ['line breaks', 'one\r\ntwo\nthree', 'one two three'],
    ['colours of a terminal', '\u001b[31mred\u001b[0m', '[31mred [0m'],
    ['zero bytes', 'a\u0000b\u0000\u0000c', 'a b c'],
    ['control characters of the second kind', 'a\u0085\u009bb', 'a b'],
    ['half a pair of surrogates', 'a\ud83db', 'a b'],
  ])('with %s is one line', async (_, reason, expected) => {
    expect((await answerFor({ status: 'FAILED', reason })).json.Reason).toBe(expected);
  });

  test('with only quotes and backslashes still fits', async () => {
    expect((await answerFor({ status: 'FAILED', reason: '"\\'.repeat(50_000) })).bytes).toBeLessThanOrEqual(4096);
  });

  test.each(['', '\n', '   '])('that is empty (%j) is replaced by one that CloudFormation accepts', async reason => {
    await answerFor({ status: 'FAILED', reason });

    expect(world.answers.answerTo(stack.events[0])?.reason).toMatch(/\w/);
  });
});

test('a thrown value that is not an Error still leads to a response', async () => {
  world.function.work = async () => { throw undefined; };

  expect(await stack.deploy(world.properties('first'))).toBe('ROLLBACK_COMPLETE');
  expect(world.answers.answerTo(stack.events[0])?.reason).toBe('unknown failure');
});
