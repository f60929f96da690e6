import { CustomResourceEvent } from '../../src/custom-resource/protocol';
import { send } from '../../src/custom-resource/small-request';
import { serveFederation } from '../../src/federation/handler/serve-federation';
import { AwsFederation, ISSUER } from '../helpers/aws-federation';
import { Stack } from '../helpers/cloudformation';
import { AnswerBox } from '../helpers/cloudformation-answers';
import { AsyncInvocation } from '../helpers/cloudformation-lambda';
import { TestClock } from '../helpers/registry-clock';

let aws: AwsFederation;
let answers: AnswerBox;
let stack: Stack;
let deaths: number;
let lambda: AsyncInvocation;
const logs: string[] = [];

async function serve(event: CustomResourceEvent): Promise<void> {
  const dies = deaths > 0;
  if (dies) deaths--;
  await serveFederation(event, { getRemainingTimeInMillis: () => 120_000 }, {
    clock: new TestClock(), environment: aws.environment, log: line => logs.push(line),
    send: async request => {
      if (dies && request.method === 'PUT') throw new Error('the process died');
      return send(request);
    },
  });
}

beforeEach(async () => {
  deaths = 0;
  [aws, answers] = await Promise.all([AwsFederation.start(), AnswerBox.start()]);
  aws.isEnabled = false;
  lambda = new AsyncInvocation(serve);
  stack = new Stack(lambda.invoke, answers, { name: 'Federation' });
});
afterEach(async () => Promise.all([aws.stop(), answers.stop()]));

const PROPERTIES = { SchemaVersion: '1' };
const DISABLING = { ...PROPERTIES, OnRemoval: 'Disable' };
const changes = () => aws.calls.map(({ operation }) => operation).filter(operation => !operation.startsWith('Get'));

test('the feature is enabled, and the issuer returned', async () => {
  expect(await stack.deploy(PROPERTIES)).toBe('CREATE_COMPLETE');
  expect(aws.isEnabled).toBe(true);
  expect(stack.resource?.data).toEqual({ IssuerUrl: ISSUER });
  expect(aws.calls.map(({ service, region }) => [service, region])).toEqual(aws.calls.map(() => ['iam', 'us-east-1']));
});

test('a feature that is already enabled stays enabled, and deletion never disables it', async () => {
  aws.isEnabled = true;

  expect(await stack.deploy(DISABLING)).toBe('CREATE_COMPLETE');
  expect(await stack.delete()).toBe('DELETE_COMPLETE');
  expect(changes()).toEqual([]);
});

test('deletion keeps the feature enabled unless the user asked for something else', async () => {
  await stack.deploy(PROPERTIES);
  await stack.delete();

  expect(aws.isEnabled).toBe(true);
});

test('deletion disables the feature if the user asked for it and this resource enabled it, also after an update', async () => {
  await stack.deploy(PROPERTIES);
  expect(await stack.deploy(DISABLING)).toBe('UPDATE_COMPLETE');
  expect(await stack.delete()).toBe('DELETE_COMPLETE');

  expect(aws.isEnabled).toBe(false);
});

test('deletion succeeds if the feature was disabled by hand', async () => {
  await stack.deploy(DISABLING);
  aws.isEnabled = false;

  expect(await stack.delete()).toBe('DELETE_COMPLETE');
});

test('an event that arrives twice enables the feature once', async () => {
  deaths = 1;

  expect(await stack.deploy(PROPERTIES)).toBe('CREATE_COMPLETE');
  expect(changes()).toEqual(['EnableOutboundWebIdentityFederation']);
});

test('if another client enables it at the same moment, this resource does not own it', async () => {
  aws.refuse('EnableOutboundWebIdentityFederation', { status: 409, type: 'FeatureEnabled' });
  aws.refuse('GetOutboundWebIdentityFederationInfo', { status: 404, type: 'FeatureDisabled' });
  aws.isEnabled = true;

  expect(await stack.deploy(DISABLING)).toBe('CREATE_COMPLETE');
  await stack.delete();
  expect(aws.isEnabled).toBe(true);
});

test('a new permission is awaited, and a missing one is named', async () => {
  aws.refuse('GetOutboundWebIdentityFederationInfo', { status: 403, type: 'AccessDenied' });
  expect(await stack.deploy(PROPERTIES)).toBe('CREATE_COMPLETE');

  aws.refuse('GetOutboundWebIdentityFederationInfo', ...Array.from({ length: 7 }, () => ({ status: 403, type: 'AccessDenied' })));
  expect(await stack.deploy(DISABLING)).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(logs.join()).toContain('allow iam:GetOutboundWebIdentityFederationInfo to the role of the function');
});
