import { sign } from 'aws4';
import { Captured, SECRET_KEY, SESSION_TOKEN } from './cloud';
import { python } from './python';
import { Call } from './runs';

interface Sent {
  readonly service: string;
  readonly host: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly method?: string;
  readonly path?: string;
  readonly secret?: string;
}

function signed({ service, host, body, headers = {}, method = 'POST', path = '/', secret = SECRET_KEY }: Sent): Captured {
  const request = sign(
    { service, region: 'eu-west-1', method, host, path, headers: { 'Host': host, 'X-Amz-Date': '20300101T000000Z', ...headers }, body },
    { accessKeyId: 'AKID', secretAccessKey: secret, sessionToken: SESSION_TOKEN },
  );
  return { method, url: `https://${host}${path}`, headers: Object.fromEntries(Object.entries(request.headers ?? {}).map(([name, value]) => [name, String(value)])), body };
}

/** The result of the checker for requests. It needs a second to start, so it gets all requests at once. */
async function read(sent: readonly Sent[]): Promise<Call[]> {
  return python('requests.py', { what: 'check', requests: sent.map(signed), secret: SECRET_KEY, token: SESSION_TOKEN });
}

const form = (fields: Readonly<Record<string, string>>, version = '2015-12-01'): Sent => ({
  service: 'elasticloadbalancing', host: 'elasticloadbalancing.eu-west-1.amazonaws.com', headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
  body: new URLSearchParams({ Version: version, ...fields }).toString(),
});
const json = (target: string, body: object, more: Partial<Sent> = {}): Sent => ({
  service: 'ecs', host: 'ecs.eu-west-1.amazonaws.com', headers: { 'X-Amz-Target': `AmazonEC2ContainerServiceV20141113.${target}`, 'Content-Type': 'application/x-amz-json-1.1' },
  body: JSON.stringify(body), ...more,
});

const RULE = 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:listener-rule/app/lb/1/2/3';
const weights = {
  'Action': 'ModifyRule', 'RuleArn': RULE, 'Actions.member.1.Type': 'forward', 'Actions.member.1.ForwardConfig.TargetGroups.member.1.TargetGroupArn': 'arn:blue',
  'Actions.member.1.ForwardConfig.TargetGroups.member.1.Weight': '100', 'Conditions.member.1.Field': 'path-pattern', 'Conditions.member.1.PathPatternConfig.Values.member.1': '/api/*',
};

test('a form of a query API is read into its parameters', async () => {
  expect((await read([form(weights)]))[0]).toMatchObject({
    service: 'elbv2', operation: 'ModifyRule', problems: [],
    params: {
      RuleArn: RULE, Actions: [{ Type: 'forward', ForwardConfig: { TargetGroups: [{ TargetGroupArn: 'arn:blue', Weight: 100 }] } }],
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/api/*'] } }],
    },
  });
});

test('a call of a REST API is read into its parameters', async () => {
  const invoke = {
    service: 'lambda', host: 'lambda.eu-west-1.amazonaws.com', path: '/2015-03-31/functions/copy/invocations', headers: { 'X-Amz-Invocation-Type': 'Event' }, body: '{}',
  };
  expect((await read([invoke]))[0]).toMatchObject({ operation: 'Invoke', problems: [], params: { FunctionName: 'copy', InvocationType: 'Event', Payload: '{}' } });
});

const WRONG: readonly (readonly [title: string, sent: Sent, problem: string])[] = [
  ['a parameter that a query API does not have', form({ ...weights, 'Actions.member.1.Weights': '1' }), 'Actions.member.1.Weights is not a parameter'],
  ['a missing parameter', form({ Action: 'ModifyRule' }), 'Missing required parameter in input: "RuleArn"'],
  ['another version of the API', form(weights, '2012-06-01'), 'no operation of'],
  ['a value that an enum does not have', form({ ...weights, 'Actions.member.1.Type': 'send' }), "is 'send', not one of"],
  ['a member that does not exist', json('ListTasks', { startedBy: 'me', cluser: 'main' }), 'Unknown parameter in input: "cluser"'],
  ['a filter beside startedBy', json('ListTasks', { startedBy: 'me', desiredStatus: 'STOPPED' }), 'startedBy must be the only filter'],
  ['a wrong type', json('RunTask', { taskDefinition: 'x', count: '1' }), 'Invalid type for parameter count'],
  ['two exclusive members', json('RunTask', { taskDefinition: 'x', launchType: 'FARGATE', capacityProviderStrategy: [] }), 'launchType must be omitted'],
  ['an operation that does not exist', json('ListTask', {}), 'no operation of'],
  ['another content type', json('ListTasks', {}, { headers: { 'X-Amz-Target': 'AmazonEC2ContainerServiceV20141113.ListTasks', 'Content-Type': 'application/json' } }), 'the content type is not'],
  ['another endpoint', json('ListTasks', {}, { host: 'ecs.eu-west-1.amazonaws.com.cn' }), 'the endpoint is ecs.eu-west-1.amazonaws.com.cn'],
  ['a wrong key', json('ListTasks', {}, { secret: 'other' }), 'the signature is wrong'],
];

test('each mistake in a request is reported', async () => {
  const calls = await read(WRONG.map(([, sent]) => sent));
  expect(WRONG.map(([title], position) => `${title}: ${calls[position].problems.join(' ')}`))
    .toEqual(WRONG.map(([title, , problem]) => expect.stringMatching(new RegExp(`^${title}: [^]*${problem.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`))));
});

test('a missing permission and an unused one are reported', async () => {
  const call = { service: 'elbv2', operation: 'ModifyRule', region: 'eu-west-1', params: { RuleArn: RULE }, problems: [], outputEnums: [] };
  const statement = (Action: string[], Resource: string) => ({ Effect: 'Allow', Action, Resource });
  const compare = async (...statements: object[]) => (await python<object[]>('permissions.py', { what: 'compare', handlers: [{ statements, calls: [call], passed: [], region: 'eu-west-1', account: '1' }] }))[0];

  expect(await compare(statement(['elasticloadbalancing:ModifyRule'], RULE))).toEqual({ denied: [], unused: [] });
  expect(await compare(statement(['elasticloadbalancing:ModifyRule'], `${RULE}4`))).toEqual({ denied: [`elasticloadbalancing:ModifyRule on ${RULE}`], unused: ['elasticloadbalancing:ModifyRule'] });
  expect(await compare(statement(['elasticloadbalancing:ModifyRule', 'elasticloadbalancing:DeleteRule'], '*'))).toEqual({ denied: [], unused: ['elasticloadbalancing:DeleteRule'] });
});
