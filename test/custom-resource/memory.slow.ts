import * as fs from 'node:fs';
import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { text } from 'node:stream/consumers';
import { HANDLERS } from '../../projenrc/handler-bundle';
import { AzureContainerRegistry, AzureIdentity, GoogleArtifactRepository, GoogleIdentity, OutboundIdentityFederation } from '../../src';
import { BuildHandler } from '../../src/build/image-build';
import { ImageCheckHandler } from '../../src/image-check/container-image-check';
import { BlobMountingHandler } from '../../src/registry/blob-mounting';
import { ScanGateHandler } from '../../src/scanning/image-scan-gate';
import { TrafficShiftHandler } from '../../src/traffic-shift/traffic-shift-handler';
import { EXHAUSTIVE } from '../helpers/exhaustive';
import { FunctionResult, memoryOf, runFunction } from '../helpers/function-process';
import { LOG_GROUP, RunCloud } from '../helpers/run-cloud';
import { runProperties } from '../helpers/run-scene';
import { OCI_INDEX, OCI_MANIFEST, ScanCloud } from '../helpers/scan-cloud';
import { basicFinding, basicScan, PASSED, REPOSITORY, STACK } from '../helpers/scan-scene';
import { newStack, Template } from '../helpers/stack';

// Runs the bundles in `assets`: run `npx projen bundle` after a change in their code.

const MIB = 1024 * 1024;
const LARGEST = 4 * MIB;
// The rest is for the Lambda runtime.
const SHARE = 0.75;

const buildMebibytes = memoryOf(stack => new BuildHandler(stack, 'Handler'));
const gateMebibytes = memoryOf(stack => new ScanGateHandler(stack, 'Handler'));
const shiftMebibytes = memoryOf(stack => new TrafficShiftHandler(stack, 'Handler'));
const checkMebibytes = memoryOf(stack => new ImageCheckHandler(stack, 'Handler'));
const mountingMebibytes = memoryOf(stack => new BlobMountingHandler(stack, 'Handler'));
// OneOffTaskHandler needs a cluster; the function has the same size.
const runMebibytes = checkMebibytes;

/** A text with as many elements as possible. */
function full(beginning: string, piece: (number: number) => string, end: string, bytes = LARGEST): string {
  const pieces: string[] = [];
  let room = bytes - beginning.length - end.length;
  for (let number = 0; ; number++) {
    const next = piece(number);
    room -= next.length + 1;
    if (room < 0) return beginning + pieces.join(',') + end;
    pieces.push(next);
  }
}

function nested(open: string, close: string, bytes = LARGEST): string {
  const depth = Math.floor((bytes - 10) / (open.length + close.length));
  return `{"a":${open.repeat(depth)}1${close.repeat(depth)}}`;
}

const SHAPES: readonly (readonly [string, (bytes?: number) => string])[] = [
  ['lists in lists', bytes => nested('[', ']', bytes)],
  ['objects in objects', bytes => nested('{"a":', '}', bytes)],
  ['many empty lists', bytes => full('{"a":[', () => '[]', ']}', bytes)],
  ['many objects with different names', bytes => full('{"a":[', number => `{"${number.toString(36)}":1}`, ']}', bytes)],
  ['many names', bytes => full('{', number => `"${number.toString(36)}":{}`, '}', bytes)],
  ['the maximum number of values, and a long text', (bytes = LARGEST) => full(
    '{"a":[', number => number < 74_000 ? `{"${number.toString(36)}":1}` : `"${'x'.repeat(bytes - 1_200_000)}"`, ']}', bytes,
  )],
];
// The deepest text, and the one whose values use the most memory.
const HEAVY = EXHAUSTIVE ? SHAPES : [SHAPES[1], SHAPES[3]];

const LOGIN = JSON.stringify({ authorizationData: [{ authorizationToken: Buffer.from('AWS:password').toString('base64'), expiresAt: 4_000_000_000 }] });
const event = { RequestType: 'Create' as const, StackId: STACK, RequestId: 'request', LogicalResourceId: 'Resource' };

function expectRoom({ peakMebibytes }: FunctionResult, mebibytes: number): void {
  expect(peakMebibytes).toBeGreaterThan(20);
  expect(peakMebibytes).toBeLessThan(SHARE * mebibytes);
}

describe.each([
  ['the scan gate', 'scanning/scan-gate.lambda', gateMebibytes, { Tag: 'live-web.1', PassedTagPrefix: PASSED, FailOn: 'HIGH', WaitMinutes: '0' }],
  ['the image check', 'image-check/image-check.lambda', checkMebibytes, { Version: 'live-web.1', Runner: 'FARGATE', UsedBy: 'a test', Architecture: 'X86_64' }],
] as const)('%s stays below three quarters of its memory with', (_, bundle, mebibytes, properties) => {
  let cloud: ScanCloud;
  beforeEach(async () => {
    cloud = await ScanCloud.start();
    cloud.stacks.set(STACK, { status: 'CREATE_IN_PROGRESS' });
  });
  afterEach(async () => cloud.stop());

  const run = async () => runFunction({
    bundle, mebibytes, environment: { AWS_ENDPOINT_URL: cloud.origin },
    event: { ...event, ResourceProperties: { SchemaVersion: '1', Repository: REPOSITORY, ...properties } },
  });
  const images = (count: number) => Array.from({ length: count }, (__, number) => {
    const digest = cloud.addText(full(`{"schemaVersion":2,"mediaType":"${OCI_MANIFEST}","layers":[`, layer => `{"digest":"${number}-${layer}${'0'.repeat(64)}"}`, ']}'), OCI_MANIFEST);
    cloud.scans.set(digest, [basicScan()]);
    return { mediaType: OCI_MANIFEST, digest, size: 1, platform: { os: 'linux', architecture: `${number}` } };
  });

  test.each(HEAVY)('a manifest of %s', async (__, build) => {
    cloud.scans.set(cloud.addText(build(), OCI_MANIFEST, 'live-web.1'), [basicScan()]);
    expectRoom(await run(), mebibytes);
  });

  test.each(HEAVY)('an answer of ECR of %s', async (__, build) => {
    cloud.bodies.set('BatchGetImage', build(16 * MIB - 100));

    const result = await run();
    expectRoom(result, mebibytes);
    expect(result.answer.Status).toBe('FAILED');
  });

  test('an endless answer of ECR', async () => {
    cloud.bodies.set('BatchGetImage', 'x'.repeat(40 * MIB));

    const result = await run();
    expectRoom(result, mebibytes);
    expect(result.answer.Reason).toContain('the answer of ECR to BatchGetImage cannot be read: the answer is larger than 16777216 bytes');
  });

  test('an index of the seven largest images', async () => {
    cloud.add({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: images(7) }, 'live-web.1');
    expectRoom(await run(), mebibytes);
  });

  test('an index with the maximum number of entries', async () => {
    const [entry] = images(1);
    cloud.add({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: Array.from({ length: 1000 }, (__, size) => ({ ...entry, size, annotations: { a: 'x'.repeat(3000) } })) }, 'live-web.1');
    expectRoom(await run(), mebibytes);
  });

  test('an answer of CloudFormation of many megabytes', async () => {
    cloud.bodies.set('DescribeStacks', `<a>${'<StackStatus>'.repeat(600_000)}`);
    cloud.addText('{', OCI_MANIFEST, 'live-web.1');

    const result = await run();
    expectRoom(result, mebibytes);
    expect(result.answer.Status).toBe('FAILED');
  });
});

describe('the scan gate stays below three quarters of its memory with', () => {
  test('ten thousand findings, each with long texts', async () => {
    const cloud = await ScanCloud.start();
    cloud.stacks.set(STACK, { status: 'CREATE_IN_PROGRESS' });
    const digest = cloud.add({ schemaVersion: 2, mediaType: OCI_MANIFEST }, 'live-web.1');
    const findings = Array.from({ length: 10_000 }, (_, number) => ({ ...basicFinding(`CVE-2025-${number}`, 'CRITICAL'), description: 'a text '.repeat(1000) }));
    cloud.pageSize = 50;
    cloud.scans.set(digest, [basicScan(...findings)]);

    const result = await runFunction({
      bundle: 'scanning/scan-gate.lambda', mebibytes: gateMebibytes, environment: { AWS_ENDPOINT_URL: cloud.origin }, event: {
        ...event, ResourceProperties: { SchemaVersion: '1', Repository: REPOSITORY, Tag: 'live-web.1', PassedTagPrefix: PASSED, FailOn: 'HIGH', WaitMinutes: '0' },
      },
    });
    await cloud.stop();
    expectRoom(result, gateMebibytes);
    expect(result.answer.Reason).toContain('10000 findings of severity HIGH or worse');
  });
});

describe('the image check stays below three quarters of its memory with', () => {
  test.each(HEAVY)('a configuration of %s', async (_, build) => {
    const cloud = await ScanCloud.start();
    const blob = build();
    const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: cloud.addBlobText(blob), size: blob.length };
    cloud.add({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [] }, 'live-web.1');

    const result = await runFunction({
      bundle: 'image-check/image-check.lambda', mebibytes: checkMebibytes, environment: { AWS_ENDPOINT_URL: cloud.origin }, event: {
        ...event, ResourceProperties: { SchemaVersion: '1', Repository: REPOSITORY, Version: 'live-web.1', Runner: 'FARGATE', UsedBy: 'a test', Architecture: 'X86_64' },
      },
    });
    await cloud.stop();
    expectRoom(result, checkMebibytes);
    expect(result.answer.Status).toBe('SUCCESS');
  });
});

describe('the function of one-off tasks stays below three quarters of its memory with', () => {
  let cloud: RunCloud;
  beforeEach(async () => {
    cloud = await RunCloud.start();
    cloud.lives = [{ looks: 0, containers: { migrate: 1 } }];
  });
  afterEach(async () => cloud.stop());

  const run = async () => runFunction({
    bundle: 'one-off-task/one-off-task.lambda', mebibytes: runMebibytes, environment: { AWS_ENDPOINT_URL: cloud.origin }, event: { ...event, ResourceProperties: runProperties() },
  });

  const logs: readonly (readonly [string, readonly string[]])[] = [
    ['of one line', ['x'.repeat(6 * MIB)]], ['of very many lines', ['x\n'.repeat(2 * MIB)]], ['of escapes', ['\u001b[1m'.repeat(600_000)]],
    ['of many events', Array.from({ length: 200 }, () => 'y '.repeat(12_000))], ['of many events with many lines', Array.from({ length: 200 }, () => 'z\n'.repeat(10_000))],
  ];
  test.each(EXHAUSTIVE ? logs : [logs[2], logs[4]])('a log %s', async (_, lines) => {
    cloud.logs.set(`${LOG_GROUP}, migrate/migrate/0001`, [[...lines]]);

    const result = await run();
    expectRoom(result, runMebibytes);
    expect(result.answer.Reason).toContain("container 'migrate' ended with exit code 1");
  });

  test.each(HEAVY)('an answer of ECS of %s', async (_, build) => {
    cloud.bodies.set('RunTask', build(8 * MIB - 100));

    const result = await run();
    expectRoom(result, runMebibytes);
    expect(result.answer.Status).toBe('FAILED');
  });
});

describe('the function that builds images stays below three quarters of its memory with', () => {
  let cloud: Server;
  afterEach(() => cloud.close());

  test.each(HEAVY)('an answer of CodeBuild of %s', async (_, build) => {
    const body = build(8 * MIB - 100);
    cloud = createServer((request, response) => void text(request).then(() => {
      if (request.headers['x-amz-target'] === undefined) response.writeHead(404).end();
      else response.end(String(request.headers['x-amz-target']).endsWith('GetAuthorizationToken') ? LOGIN : body);
    }));
    await new Promise<void>(resolve => cloud.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(cloud.address() as AddressInfo).port}`;

    const result = await runFunction({
      bundle: 'build/image-build.lambda', mebibytes: buildMebibytes,
      environment: { AWS_ENDPOINT_URL: origin, AWS_REGION: 'eu-west-1', REGISTRY_ORIGINS: JSON.stringify({ [REPOSITORY.split('/')[0]]: origin }) },
      event: {
        ...event, ResourceProperties: {
          SchemaVersion: '1', Destination: REPOSITORY, Builds: [{ Platform: 'linux/amd64', Project: 'builds' }], Source: 'assets/source.zip', Arguments: ['context'], LiveTagPrefix: 'live-web.',
        },
      },
    });
    expectRoom(result, buildMebibytes);
    expect(result.answer.Status).toBe('FAILED');
  });
});

describe('the function for blob mounting stays below three quarters of its memory with', () => {
  let ecr: Server;
  afterEach(() => ecr.close());

  test.each(HEAVY.filter(shape => shape !== SHAPES[SHAPES.length - 1]))('an answer of ECR of %s', async (_, build) => {
    const body = build(128 * 1024 - 10);
    ecr = createServer((request, response) => void text(request).then(() => response.end(body)));
    await new Promise<void>(resolve => ecr.listen(0, '127.0.0.1', resolve));

    expectRoom(await runFunction({
      bundle: 'registry/blob-mounting.lambda',
      mebibytes: mountingMebibytes,
      environment: { AWS_ENDPOINT_URL: `http://127.0.0.1:${(ecr.address() as AddressInfo).port}` },
      event: { ...event, ResourceProperties: { SchemaVersion: '1', Step: 'Look' } },
    }), mountingMebibytes);
  });
});

/** An answer of ELB with the maximum size that the function reads, of one kind of XML. */
const XML: readonly (readonly [string, (bytes: number) => string])[] = [
  ['elements in elements', bytes => '<a>'.repeat(bytes / 7) + '</a>'.repeat(bytes / 7)],
  ['many empty elements', bytes => '<a/>'.repeat(bytes / 4)],
  ['many rules', bytes => '<member><RuleArn>a</RuleArn><Actions><member><Type>forward</Type></member></Actions></member>'.repeat(bytes / 93)],
  ['a long text', bytes => 'x'.repeat(bytes)],
  ['many entities', bytes => '&amp;'.repeat(bytes / 5)],
];

describe('the function for traffic shifts stays below three quarters of its memory with', () => {
  let elb: Server;
  afterEach(() => elb.close());

  test.each(EXHAUSTIVE ? XML : XML.slice(0, 3))('an answer of ELB of %s', async (_, build) => {
    const body = `<DescribeRulesResponse><DescribeRulesResult><Rules>${build(2 * MIB - 200)}</Rules></DescribeRulesResult></DescribeRulesResponse>`;
    elb = createServer((request, response) => void text(request).then(() => response.end(body)));
    await new Promise<void>(resolve => elb.listen(0, '127.0.0.1', resolve));

    expectRoom(await runFunction({
      bundle: 'traffic-shift/traffic-shift.lambda',
      mebibytes: shiftMebibytes,
      environment: { AWS_ENDPOINT_URL: `http://127.0.0.1:${(elb.address() as AddressInfo).port}` },
      event: {
        ...event, ResourceProperties: {
          SchemaVersion: '1', UsedBy: 'a test', TargetGroups: ['one', 'two'], Traffic: 'SHIFTS', Priority: '1', Conditions: [{ Field: 'path-pattern', Values: ['/*'] }],
          ListenerArn: 'arn:aws:elasticloadbalancing:eu-west-1:111111111111:listener/app/web/1/2',
        },
      },
    }), shiftMebibytes);
  });
});

describe('functions for other clouds stay below three quarters of their memory with', () => {
  const stack = newStack();
  const id = '11111111-1111-4111-8111-111111111111';
  new OutboundIdentityFederation(stack, 'Federation');
  new AzureContainerRegistry(stack, 'Azure', {
    identity: AzureIdentity.federated({ tenantId: id, clientId: id }), subscriptionId: id, resourceGroup: 'examples', location: 'westeurope',
  });
  new GoogleArtifactRepository(stack, 'Google', {
    identity: GoogleIdentity.awsProvider({
      projectNumber: '123456789012', poolId: 'aws-pool', providerId: 'aws-outbound', serviceAccountEmail: 'images@my-project.iam.gserviceaccount.com',
    }),
    project: 'my-project', location: 'europe-west1', repositoryId: 'images',
  });
  const template = Template.fromStack(stack);
  const hosts = ['sts.googleapis.com', 'iamcredentials.googleapis.com', 'artifactregistry.googleapis.com', 'login.microsoftonline.com', 'management.azure.com'];
  const TOKEN = '<WebIdentityToken>a.b.c</WebIdentityToken>';
  const TOKENS = { access_token: 'token', issued_token_type: 'urn:ietf:params:oauth:token-type:access_token', token_type: 'Bearer', expires_in: 3600 };
  let cloud: Server;
  afterEach(() => cloud.close());

  test.each([
    ['federation/federation.lambda', 'Custom::OutboundIdentityFederation'], ['google/artifact-repository.lambda', 'Custom::GoogleArtifactRepository'],
    ['azure/azure-registry.lambda', 'Custom::AzureContainerRegistry'],
  ])('answers of the maximum size: %s', async (bundle, type) => {
    const [{ Properties }] = Object.values(template.findResources(type));
    const [functionId] = Properties.ServiceToken['Fn::GetAtt'];
    const settings = template.findResources('AWS::Lambda::Function')[functionId].Properties;
    const answerTo = (url: string, form: string) => {
      if (form.includes('GetWebIdentityToken')) return `<GetWebIdentityTokenResponse><GetWebIdentityTokenResult>${TOKEN}</GetWebIdentityTokenResult></GetWebIdentityTokenResponse>`;
      if (form.includes('OutboundWebIdentity')) return '<a>'.repeat(18_000) + '</a>'.repeat(18_000);
      if (/\/token\b/.test(url)) return JSON.stringify(TOKENS);
      return url.includes('generateAccessToken') ? JSON.stringify({ accessToken: 'token', expireTime: '2099-01-01T00:00:00Z' }) : HEAVY[1][1](MIB - 100);
    };
    cloud = createServer((request, response) => void text(request).then(form => response.end(answerTo(request.url ?? '', form))));
    await new Promise<void>(resolve => cloud.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(cloud.address() as AddressInfo).port}`;

    const result = await runFunction({
      bundle, mebibytes: settings.MemorySize,
      environment: {
        ...settings.Environment?.Variables,
        AWS_ENDPOINT_URL: origin,
        CLOUD_ORIGINS: JSON.stringify(Object.fromEntries(hosts.map(host => [host, origin]))),
      },
      event: { ...event, ResourceProperties: Properties },
    });
    expectRoom(result, settings.MemorySize);
    expect(result.answer.Status).toBe('FAILED');
  });
});

test('every function has a memory test', () => {
  const tests = ['memory.slow.ts', '../copy/security/memory.slow.ts'].map(file => fs.readFileSync(path.join(__dirname, file), 'utf8')).join('');
  expect(HANDLERS.filter(handler => !tests.includes(handler))).toEqual([]);
});
