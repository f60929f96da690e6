import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { LocalCloud } from '../../local/cloud';
import { CommandFailed } from '../../local/process';
import { localOutputs } from '../../local/urls';
import { UserApp, lookUp, placeOf, requireWatch } from '../../local/user-app';

const scratch = () => fs.mkdtempSync(path.join(os.tmpdir(), 'local-'));

const stack = (account: string, region: string) => ({ name: 'Stack', file: 'Stack.template.json', account, region });

test('stacks without an environment are deployed to that of the others', () => {
  expect(placeOf([])).toEqual({ account: '123456789012', regions: ['us-east-1'] });
  expect(placeOf([stack('unknown-account', 'unknown-region')])).toEqual({ account: '123456789012', regions: ['us-east-1'] });
  expect(placeOf([stack('unknown-account', 'unknown-region'), stack('111122223333', 'eu-west-1')])).toEqual({ account: '111122223333', regions: ['eu-west-1'] });
  expect(placeOf([stack('111122223333', 'us-west-2'), stack('111122223333', 'eu-west-1')]).regions).toEqual(['eu-west-1', 'us-west-2']);
});

test('stacks of two accounts are rejected, with the fix', () => {
  expect(() => placeOf([stack('111122223333', 'eu-west-1'), stack('444455556666', 'eu-west-1')])).toThrow(/2 accounts .* Name the stacks of one account/);
});

test.each<[string, string | undefined, RegExp]>([
  ['no cdk.json', undefined, /There is no cdk\.json in .* Run this command in the folder of a CDK app\./],
  ['not JSON', '{x', /cdk\.json is not JSON/],
  ['no app', '{}', /has no "app" key\. Add the command that runs the app/],
])('a folder with %s is rejected before anything starts', (_, content, message) => {
  const root = scratch();
  if (content !== undefined) fs.writeFileSync(path.join(root, 'cdk.json'), content);

  expect(() => new UserApp(new LocalCloud('test', undefined, { home: root }), root, { stacks: [], context: [] })).toThrow(message);
  expect(fs.existsSync(path.join(root, 'test'))).toBe(false);
});

test('a cdk.json without a watch key cannot be watched, and the message has the key', () => {
  const root = scratch();
  fs.writeFileSync(path.join(root, 'cdk.json'), '{"app":"x"}');
  expect(() => requireWatch(root)).toThrow(/"watch": \{ "include"/);
  fs.writeFileSync(path.join(root, 'cdk.json'), '{"app":"x","watch":{"include":["**"]}}');
  expect(() => requireWatch(root)).not.toThrow();
});

test('the URL of a load balancer is replaced by one that works on this machine, and other outputs stay', () => {
  const outputs = { Web: { Endpoint: 'http://Web-Balan-1a2B.us-east-1.elb.amazonaws.com/path', Queue: 'https://sqs.example/q' } };
  const balancers = [{ name: 'Web-Balan', host: 'web-balan-1a2b.us-east-1.elb.amazonaws.com' }];

  expect(localOutputs(outputs, balancers, { AWS_ENDPOINT_URL: 'http://127.0.0.1:4000' })).toEqual([
    { title: 'Web.Endpoint', url: 'http://web-balan.alb.localhost:4000/path' },
    { title: 'Web.Queue', url: 'https://sqs.example/q' },
  ]);
});

describe('lookups', () => {
  const failed = (keys: string) => new CommandFailed('cdk synth failed', `Context lookups have been disabled. Missing context keys: '${keys}'\n`);

  test('names of availability zones are filled in, because every account has them', () => {
    expect(lookUp(failed('availability-zones:account=111122223333:region=eu-west-1, availability-zones:account=111122223333:region=us-east-1'))).toEqual({
      'availability-zones:account=111122223333:region=eu-west-1': ['eu-west-1a', 'eu-west-1b', 'eu-west-1c'],
      'availability-zones:account=111122223333:region=us-east-1': ['us-east-1a', 'us-east-1b', 'us-east-1c'],
    });
  });

  test('other lookups are rejected, with the fix', () => {
    const zones = 'availability-zones:account=111122223333:region=eu-west-1';
    expect(() => lookUp(failed(`${zones}, vpc-provider:account=111122223333:filter.isDefault=true`)))
      .toThrow(/the local cloud has none: vpc-provider:account=111122223333:filter\.isDefault=true\. Create such resources in the app/);
  });

  test('the app gets them next to the context of the CLI, which has precedence, and its exit code is passed on', () => {
    const file = path.join(scratch(), 'context.json');
    fs.writeFileSync(file, JSON.stringify({ zones: ['a', 'b'], stage: 'test' }));
    const { stdout, status } = spawnSync(process.execPath, [path.join(__dirname, '..', '..', 'local', 'app.mjs')], {
      encoding: 'utf8',
      env: { ...process.env, LOCAL_CONTEXT: file, LOCAL_APP: 'echo "$CDK_CONTEXT_JSON"; exit 3', CDK_CONTEXT_JSON: '{"stage":"production"}' },
    });

    expect(JSON.parse(stdout)).toMatchObject({ zones: ['a', 'b'], stage: 'production' });
    expect(status).toBe(3);
  });

  test('an app of `cdk init` gets no function that restricts the default security group of a VPC, because the emulator cannot run it', () => {
    const file = path.join(scratch(), 'context.json');
    fs.writeFileSync(file, '{}');
    const { stdout } = spawnSync(process.execPath, [path.join(__dirname, '..', '..', 'local', 'app.mjs')], {
      encoding: 'utf8',
      env: {
        ...process.env, LOCAL_CONTEXT: file, LOCAL_APP: 'echo "$CDK_CONTEXT_JSON"', CDK_CONTEXT_JSON: '{"@aws-cdk/aws-ec2:restrictDefaultSecurityGroup":true}',
      },
    });

    expect(JSON.parse(stdout)).toEqual({ '@aws-cdk/aws-ec2:restrictDefaultSecurityGroup': false });
  });

  test('another error of the CLI is not changed', () => {
    const error = new CommandFailed('cdk synth failed', 'a mistake in the app');
    expect(() => lookUp(error)).toThrow(error);
  });
});
