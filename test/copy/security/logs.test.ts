import { copyWork, serveImageCopy } from '../../../src/copy/handler/copy-work';
import { EcrCredentials, readSecret } from '../../../src/copy/handler/credentials';
import { Send, send } from '../../../src/custom-resource/small-request';
import { HostileServer, serving } from '../../helpers/hostile';
import { TestRegistry } from '../../helpers/registry';
import { TestClock } from '../../helpers/registry-clock';
import { failureOf, noSecret, passwordFor } from '../../helpers/registry-copy';
import { image, manifest } from '../../helpers/registry-images';

const SIGNATURE = 'response-signature-canary';
const ADDRESS = `https://cloudformation.example/answer?X-Amz-Signature=${SIGNATURE}&X-Amz-Credential=AKIDCANARY`;
const PASSWORD = 'password-canary-1';
const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDCANARY', AWS_SECRET_ACCESS_KEY: 'secret-key-canary', AWS_SESSION_TOKEN: 'session-canary' };
const web = image('web');

let registry: TestRegistry;
let hostile: HostileServer | undefined;
let logs: string[];
let answers: string[];

beforeEach(async () => {
  registry = await TestRegistry.start({ basic: `AWS:${PASSWORD}` });
  registry.add('assets', web, 'abc');
  [logs, answers] = [[], []];
});
afterEach(async () => {
  await Promise.all([registry.stop(), hostile?.stop()]);
  hostile = undefined;
});

const taken: Send = async ({ body }) => {
  answers.push(body);
  return { status: 200, body: '' };
};

/** Processes a Create event with these properties, and returns all output. */
async function serve(
  changes: Readonly<Record<string, unknown>> = {}, { address = ADDRESS, sending = taken, origin = registry.origin } = {},
): Promise<void> {
  const { host } = registry;
  const clock = new TestClock();
  const work = copyWork({ clock, secret: noSecret, credentials: passwordFor(host, `AWS:${PASSWORD}`), origins: () => ({ [host]: origin }) });
  await serveImageCopy({
    RequestType: 'Create', ResponseURL: address, StackId: 'stack', RequestId: 'request', LogicalResourceId: 'WebImage',
    ResourceProperties: { SchemaVersion: '1', Source: `${host}/assets:abc`, Destination: `${host}/team/web`, LiveTagPrefix: 'live-web.', ...changes },
  }, { getRemainingTimeInMillis: () => 900_000 }, work, { clock, send: sending, log: line => logs.push(line) });
}

function expectNoSecret(...texts: readonly unknown[]): void {
  const text = JSON.stringify([texts, logs, answers.map(body => ({ ...JSON.parse(body), StackId: '' }))]);
  const secrets = [SIGNATURE, 'X-Amz', PASSWORD, Buffer.from(`AWS:${PASSWORD}`).toString('base64'), ...Object.values(KEYS)];
  expect(secrets.filter(secret => text.includes(secret))).toEqual([]);
}

describe('the response URL is in no log and no error', () => {
  const failing = (error: unknown): Send => async () => { throw error; };

  test.each<[string, Send]>([
    ['when the connection fails', failing(new Error(`connect ECONNREFUSED ${ADDRESS}`))],
    ['when something else fails', failing(ADDRESS)],
    ['when the response is rejected', async () => ({ status: 403, body: `<Error>${ADDRESS}</Error>` })],
    ['when the answer is redirected', async () => ({ status: 307, body: ADDRESS })],
  ])('%s', async (_, sending) => {
    const failure = await failureOf(serve({}, { sending }));

    expectNoSecret(failure.message, failure.stack, failure.cause);
    expect(logs).toHaveLength(2);
  });

  test.each([`not an address ${SIGNATURE}`, `ftp://${SIGNATURE}/`, `https://[${SIGNATURE}/`, ''])('if it is invalid (%s)', async address => {
    const failure = await failureOf(serve({}, { address, sending: send }));

    expectNoSecret(failure.message, failure.stack, failure.cause);
  });

  test('if the copy succeeds', async () => {
    await serve();

    expect(answers).toHaveLength(1);
    expectNoSecret();
  });
});

describe('a response is sent to its URL and nowhere else', () => {
  test.each([301, 302, 307, 308])('even after a redirect (%i)', async status => {
    const trap = await HostileServer.start();
    hostile = await HostileServer.start((_, response) => response.writeHead(status, { location: `${trap.origin}/` }).end());

    await failureOf(serve({}, { address: `${hostile.origin}/?X-Amz-Signature=${SIGNATURE}`, sending: send }));
    await trap.stop();

    expect(hostile.caught).toHaveLength(6);
    expect(trap.connections).toBe(0);
  });
});

describe('a log has one line for the start and one for the end', () => {
  const FORGED = '\r\nCreate WebImage ended with SUCCESS: all is well\u001b[2J';

  afterEach(() => {
    expect(logs).toHaveLength(2);
    expect(logs.filter(line => !/^[\x20-\x7e]+$/.test(line))).toEqual([]);
    expectNoSecret();
  });

  test.each(['SchemaVersion', 'Source', 'Destination', 'LiveTagPrefix', 'SourceCredentials'])('with any text in the template as %s', async name => {
    await serve({ [name]: `x${FORGED}` });
  });

  test.each(['Tags', 'FloatingTags'])('with any text in the template in %s', async name => {
    await serve({ [name]: [`x${FORGED}`] });
  });

  test('with any text in the error of a registry', async () => {
    registry.fail('GET manifest', { status: 403, code: 'DENIED', message: `${PASSWORD}${FORGED} ${ADDRESS}` }, { times: 99 });
    await serve();
  });

  test('with any text as the type of a manifest', async () => {
    hostile = await HostileServer.start(serving(manifest(`text/x${FORGED}`, {}), { 'content-type': 'application/json' }));
    await serve({}, { origin: hostile.origin });
  });
});

describe('the text of a secret that is invalid', () => {
  const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:hub-AbCdEf';
  const SENTENCE = `the secret ${ARN} must be JSON like {"username":"...","password":"..."}`;
  const read = async (answer: string, status = 200) => failureOf(readSecret(ARN, {
    environment: KEYS, clock: new TestClock(), send: async () => ({ status, body: answer }),
  }));

  test.each([
    ['is no JSON', PASSWORD],
    ['is user and password with a colon', `bob:${PASSWORD}`],
    ['is JSON that breaks off', `{"username":"bob","password":"${PASSWORD}`],
    ['is JSON with a comma too many', `{"username":"bob","password":"${PASSWORD}",}`],
    ['is a JSON text', JSON.stringify(PASSWORD)],
    ['is a list', JSON.stringify(['bob', PASSWORD])],
    ['is null', 'null'],
    ['is empty', ''],
    ['has other names', JSON.stringify({ user: 'bob', pass: PASSWORD })],
    ['has a password that is not a text', JSON.stringify({ username: 'bob', password: [PASSWORD] })],
    ['has an empty user', JSON.stringify({ username: '', password: PASSWORD })],
    ['has the names of the language', `{"__proto__":{"username":"bob","password":"${PASSWORD}"}}`],
    ['is a key in PEM', `-----BEGIN PRIVATE KEY-----\n${PASSWORD}\n`],
    ['is very long', PASSWORD.repeat(4_000)],
  ])('(%s) is not shown', async (_, SecretString) => {
    const failure = await read(JSON.stringify({ SecretString, Name: PASSWORD }));

    expect(failure.message).toBe(SENTENCE);
    expectNoSecret(failure.stack, failure.cause);
  });

  test.each([
    ['no JSON', 200, `<html>${PASSWORD}`],
    ['an error with the secret in it', 400, JSON.stringify({ __type: 'InvalidRequestException', Message: PASSWORD })],
    ['an error whose type is the secret', 400, JSON.stringify({ __type: `x#${PASSWORD}` })],
    ['an error with our own keys', 403, JSON.stringify({ message: Object.values(KEYS).join(' ') })],
  ])('is not shown if Secrets Manager answers with %s', async (_, status, body) => {
    const failure = await read(body, status);

    expect(failure.message).toMatch(/^(?:could not read )?the secret arn:[\x20-\x7e]+$/);
    expectNoSecret(failure.message, failure.stack, failure.cause);
  });
});

describe('AWS credentials', () => {
  const ECR = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
  const ask = async (origin: string) => failureOf(new EcrCredentials({
    environment: { ...KEYS, AWS_ENDPOINT_URL: origin }, clock: new TestClock(), send,
  }).credentialsFor(ECR));

  test.each([301, 302, 307, 308])('are not sent on if the API redirects (%i)', async status => {
    const trap = await HostileServer.start();
    hostile = await HostileServer.start((_, response) => response.writeHead(status, { location: trap.origin }).end());

    const failure = await ask(hostile.origin);
    await trap.stop();

    expect(failure.message).toBe(`ECR in eu-west-1 gave no token and answered ${status}`);
    expect(trap.connections).toBe(0);
    expect(JSON.stringify(hostile.caught)).not.toContain('secret-key-canary');
  });

  test('are in no message, for any answer of the API', async () => {
    hostile = await HostileServer.start((_, response) => response.writeHead(400).end(JSON.stringify({ __type: 'X', message: Object.values(KEYS).join(' ') })));

    const failure = await ask(hostile.origin);

    expectNoSecret(failure.message, failure.stack);
  });

  test('are not awaited forever', async () => {
    hostile = await HostileServer.start((_, response) => { response.write('x'.repeat(1024 * 1024)); });

    expect((await ask(hostile.origin)).message).toBe('the ECR API in eu-west-1 could not be reached');
    await hostile.abandoned();
  });
});
