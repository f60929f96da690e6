import { copyWork, serveImageCopy } from '../../src/copy/handler/copy-work';
import { invokeAgain } from '../../src/custom-resource/lambda';
import { CustomResourceEvent } from '../../src/custom-resource/protocol';
import { SmallRequest } from '../../src/custom-resource/small-request';
import { TestRegistry } from '../helpers/registry';
import { TestClock } from '../helpers/registry-clock';
import { Registries, noSecret } from '../helpers/registry-copy';
import { image, layer } from '../helpers/registry-images';

const registries = new Registries();
afterEach(async () => registries.stop());

// At any speed, more than four invocations copy before the fifth download stalls.
const LAYERS = 120;
const web = image('web', Array.from({ length: LAYERS }, (_, at) => layer(`layer ${at}`, 20_000)));
let source: TestRegistry;
let destination: TestRegistry;
let clock: TestClock;
let answers: Record<string, unknown>[];
let logs: string[];

beforeEach(async () => {
  [source, destination] = [await registries.start(), await registries.start()];
  clock = new TestClock();
  [answers, logs] = [[], []];
});

/** Processes an event, and every event that the handler sends to itself, after some preparation. */
async function deploy(prepare: (invocation: number) => void): Promise<number> {
  source.add('assets', web, 'abc');
  const origins = () => ({ [source.host]: source.origin, [destination.host]: destination.origin });
  const work = copyWork({ clock, secret: noSecret, credentials: { credentialsFor: async () => undefined }, origins });
  const queue: CustomResourceEvent[] = [{
    RequestType: 'Create',
    ResponseURL: 'https://cloudformation.example/answer?X-Amz-Signature=canary',
    StackId: 'stack',
    RequestId: 'request',
    LogicalResourceId: 'Image',
    ResourceProperties: { SchemaVersion: '1', Source: `${source.host}/assets:abc`, Destination: `${destination.host}/team/web`, LiveTagPrefix: 'live-web.' },
  }];
  let invocations = 0;
  for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
    prepare(++invocations);
    await serveImageCopy(event, { getRemainingTimeInMillis: () => 900_000 }, work, {
      clock,
      log: line => logs.push(line),
      send: async ({ body }) => {
        answers.push(JSON.parse(body));
        return { status: 200, body: '' };
      },
      invokeAgain: async next => { queue.push(JSON.parse(JSON.stringify(next))); },
    });
  }
  return invocations;
}

/**
 * Ends the time of an invocation in the middle of a download. The fifth download begins when one of the first four has ended.
 *
 * @param others the number of blobs that must be complete first, because downloads run concurrently
 */
function interrupt(nth: number, others = 0): void {
  source.fail('GET blob', 'stall in the body', { nth });
  const whenTheyAreThere = () => {
    if (destination.repository('team/web').blobs.size >= others) clock.advance(870_000);
    else setTimeout(whenTheyAreThere, 5);
  };
  source.onStall = whenTheyAreThere;
}

test('a copy that outlasts its invocation continues in the next one, with the remaining layers, and responds once', async () => {
  expect(await deploy(invocation => invocation === 1 && interrupt(5))).toBe(2);
  expect(answers).toEqual([expect.objectContaining({ Status: 'SUCCESS', RequestId: 'request' })]);
  expect(destination.repository('team/web').tags.size).toBe(1);
  expect(destination.requests.filter(({ kind, bytes }) => kind === 'PUT upload' && bytes === 20_000)).toHaveLength(LAYERS);
});

test('an invocation without progress fails with the reason, because the next one would not get further', async () => {
  expect(await deploy(() => source.fail('GET blob', 'stall', { times: 99 }).onStall = () => clock.advance(870_000))).toBe(1);
  expect(answers).toEqual([expect.objectContaining({ Status: 'FAILED', Reason: expect.stringContaining('the time allowed for the copy ran out') })]);
});

test('one layer that never arrives fails the copy in the second invocation, because existing layers are not progress', async () => {
  expect(await deploy(invocation => invocation === 1 ? interrupt(LAYERS, LAYERS) : interrupt(1))).toBe(2);
  expect(answers).toEqual([expect.objectContaining({ Status: 'FAILED' })]);
});

test('there are at most four invocations, because CloudFormation waits at most an hour', async () => {
  expect(await deploy(() => interrupt(5))).toBe(4);
  expect(answers).toEqual([expect.objectContaining({ Status: 'FAILED' })]);
});

test('if no further invocation can be started, the copy fails and says so', async () => {
  const lines: string[] = [];
  const work = async () => ({ status: 'UNFINISHED' as const, reason: 'the time allowed for the copy ran out' });

  await serveImageCopy({
    RequestType: 'Create', ResponseURL: 'https://a.example/?canary', StackId: 's', RequestId: 'r', LogicalResourceId: 'Image', ResourceProperties: {},
  }, { getRemainingTimeInMillis: () => 900_000 }, work, {
    clock,
    log: line => lines.push(line),
    send: async ({ body }) => {
      answers.push(JSON.parse(body));
      return { status: 200, body: '' };
    },
    invokeAgain: async () => { throw new Error('Lambda answered 403 AccessDeniedException'); },
  });

  expect(answers).toEqual([expect.objectContaining({ Status: 'FAILED', Reason: 'the time allowed for the copy ran out' })]);
  expect(lines).toContain('Create Image no further invocation: Lambda answered 403 AccessDeniedException');
});

describe('CloudFormation waits for one hour, so an invocation that starts late', () => {
  const HOUR = 3_600_000;

  /** Processes the event of a later invocation, with this start time of the copy. Returns the time that the work had. */
  async function continued(ago: number, Since: unknown = clock.now() - ago) {
    const allowed: number[] = [];
    const work = async (_: CustomResourceEvent, { deadline }: { readonly deadline: number }) => {
      allowed.push(deadline - clock.now());
      return { status: 'SUCCESS' as const };
    };
    const event = {
      RequestType: 'Update', ResponseURL: 'https://a.example/', StackId: 's', RequestId: 'r', LogicalResourceId: 'Image',
      ResourceProperties: {}, Continuation: { Hop: 2, Since },
    };
    await serveImageCopy(event as CustomResourceEvent, { getRemainingTimeInMillis: () => 900_000 }, work, {
      clock,
      log: line => logs.push(line),
      send: async ({ body }) => {
        answers.push(JSON.parse(body));
        return { status: 200, body: '' };
      },
    });
    return { allowed, status: answers.map(({ Status }) => Status) };
  }

  test.each([HOUR, 2 * HOUR, HOUR - 20_000])('does nothing after the hour (%d ms), because it could undo a rollback', async ago => {
    expect(await continued(ago)).toEqual({ allowed: [], status: ['FAILED'] });
    expect(answers[0].Reason).toBe('the copy of Image came too late: CloudFormation waits for one hour');
  });

  test('has the remaining time', async () => {
    // 60 s remain: 20 s for the response and 10 s for the watchdog.
    expect(await continued(HOUR - 60_000)).toEqual({ allowed: [30_000], status: ['SUCCESS'] });
  });

  test('has all its time if the copy began recently', async () => {
    expect(await continued(HOUR / 2)).toEqual({ allowed: [870_000], status: ['SUCCESS'] });
  });

  test.each(['x', null, {}, Infinity])('counts as the first one if the start time of the copy is invalid (%p)', async since => {
    expect(await continued(0, since)).toEqual({ allowed: [870_000], status: ['SUCCESS'] });
  });
});

describe('the request for the next invocation', () => {
  const event: CustomResourceEvent = {
    RequestType: 'Create', ResponseURL: 'https://a.example/?canary', StackId: 's', RequestId: 'r', LogicalResourceId: 'l', Continuation: { Hop: 1 },
  };
  const environment = { AWS_REGION: 'eu-west-1', AWS_LAMBDA_FUNCTION_NAME: 'copy-function', AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret' };

  test('is asynchronous, signed, and sent to the function itself', async () => {
    const sent: SmallRequest[] = [];
    await invokeAgain(event, { clock, environment, send: async request => { sent.push(request); return { status: 202, body: '' }; } });

    expect(sent).toHaveLength(1);
    expect(sent[0].url.href).toBe('https://lambda.eu-west-1.amazonaws.com/2015-03-31/functions/copy-function/invocations');
    expect(sent[0].headers).toMatchObject({ 'X-Amz-Invocation-Type': 'Event', 'Authorization': expect.stringMatching(/Credential=AKID\/\d{8}\/eu-west-1\/lambda\/aws4_request/) });
    expect(JSON.parse(sent[0].body)).toEqual(event);
  });

  test.each([
    ['us-gov-west-1', 'amazonaws.com'], ['cn-north-1', 'amazonaws.com.cn'], ['us-iso-east-1', 'c2s.ic.gov'], ['us-isob-east-1', 'sc2s.sgov.gov'],
    ['us-isof-south-1', 'csp.hci.ic.gov'], ['eu-isoe-west-1', 'cloud.adc-e.uk'], ['eusc-de-east-1', 'amazonaws.eu'],
  ])('goes to %s in its own partition', async (region, suffix) => {
    const hosts: string[] = [];
    const send = async ({ url }: SmallRequest) => { hosts.push(url.host); return { status: 202, body: '' }; };
    await invokeAgain(event, { clock, environment: { ...environment, AWS_REGION: region }, send });

    expect(hosts).toEqual([`lambda.${region}.${suffix}`]);
  });

  test.each([
    [async () => ({ status: 403, body: '{"__type":"AccessDeniedException"}' }), 'Lambda answered 403 AccessDeniedException'],
    [async () => { throw new Error('connect https://a.example/?canary'); }, 'Lambda could not be reached'],
  ])('fails without showing anything of the event', async (send, message) => {
    await expect(invokeAgain(event, { clock, environment, send })).rejects.toThrow(new Error(message));
  });
});
