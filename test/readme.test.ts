import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import * as cdk from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import { ApplicationLoadBalancer, ListenerAction } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { HostedZone } from 'aws-cdk-lib/aws-route53';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { ModuleKind, ScriptTarget, transpileModule } from 'typescript';
import * as library from '../src';
import { APP } from './helpers/stack';

const README = fs.readFileSync(path.join(__dirname, '..', 'README.md'), 'utf8');
const HEADINGS = README.split(/^##+ /m);

/** The blocks of the page, under the heading that they stand below. */
const BLOCKS = HEADINGS.flatMap(section => [...section.matchAll(/```ts[^\n]*\n([^]*?)```/g)].map(([, code]) => [section.split('\n')[0], code] as const));

let folder: string;
beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'readme-'));
  fs.cpSync(APP, path.join(folder, 'app'), { recursive: true });
  for (const file of ['vendor', 'web-amd64', 'web-arm64']) fs.writeFileSync(path.join(folder, `${file}.tar`), file);
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** What the page takes for granted, made when a block takes it. */
function given(stack: cdk.Stack, ownsApp: boolean): Record<string, () => unknown> {
  const certificate = (id: string) => Certificate.fromCertificateArn(stack, id, `arn:aws:acm:eu-central-1:111122223333:certificate/${id}`);
  const vpc = () => stack.node.tryFindChild('Vpc') ?? new Vpc(stack, 'Vpc', { maxAzs: 2 });
  return {
    ecs: () => ecs,
    CfnOutput: () => cdk.CfnOutput,
    ImageRepository: () => library.ImageRepository,
    vpc,
    cluster: () => ownsApp ? clusterOfAnother(stack) : new ecs.Cluster(stack, 'Cluster', { vpc: vpc() as Vpc }),
    repository: () => new library.ImageRepository(stack, 'Given'),
    image: () => new library.ImageRepository(stack, 'GivenToo').buildAndPushImage(APP),
    hostedZone: () => HostedZone.fromHostedZoneAttributes(stack, 'Zone', { hostedZoneId: 'Z0123456789', zoneName: 'example.com' }),
    listener: () => new ApplicationLoadBalancer(stack, 'Shared', { vpc: vpc() as Vpc }).addListener('Https', {
      port: 443, certificates: [certificate('OfListener')], open: false, defaultAction: ListenerAction.fixedResponse(404),
    }),
    certificate: () => certificate('Certificate'),
    smokeTest: () => lambda.Function.fromFunctionArn(stack, 'SmokeTest', 'arn:aws:lambda:eu-central-1:111122223333:function:smoke-test'),
    errors: () => Alarm.fromAlarmArn(stack, 'Errors', 'arn:aws:cloudwatch:eu-central-1:111122223333:alarm:errors'),
    queue: () => new Queue(stack, 'Queue'),
    operators: () => new Topic(stack, 'Operators'),
    kubernetes: () => eks.Cluster.fromClusterAttributes(stack, 'Kubernetes', {
      clusterName: 'team',
      kubectlProvider: eks.KubectlProvider.fromKubectlProviderAttributes(stack, 'Kubectl', { serviceToken: 'arn:aws:lambda:eu-central-1:111122223333:function:kubectl' }),
    }),
  };
}

/** One that exists, for a program that makes an app of its own. */
function clusterOfAnother(stack: cdk.Stack): ecs.ICluster {
  return ecs.Cluster.fromClusterAttributes(stack, 'Cluster', {
    clusterName: 'team',
    vpc: Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-0123456789abcdef0', availabilityZones: ['eu-central-1a', 'eu-central-1b'], privateSubnetIds: ['subnet-0a', 'subnet-0b'],
    }),
  });
}

/** An app with a stack in which a block has run; or the app that it makes itself. */
function appOf(block: string): cdk.App {
  const app = new cdk.App();
  const stack = new cdk.Stack(app, 'Stack', { env: { account: '111122223333', region: 'eu-central-1' } });
  const imports = block.match(/^import [^]*?;$/gm) ?? [];
  const own = (name: string) => new RegExp(`\\b(const ${name} =|import \\* as ${name}\\b)`).test(block);
  const taken = Object.entries(given(stack, /new App\(/.test(block))).filter(([name]) => new RegExp(`\\b${name}\\b`).test(block) && !own(name));
  const body = imports.reduce((code, each) => code.replace(each, ''), block).replace(/'\.\//g, `'${folder}/`);
  const { outputText } = transpileModule(
    `${imports.join('\n')}\nexport function program(this: unknown, ${taken.map(([name]) => name).join()}) {\n${body}\nreturn typeof app === 'undefined' ? undefined : app;\n}`,
    { compilerOptions: { module: ModuleKind.CommonJS, target: ScriptTarget.ES2022 } },
  );
  const compiled: { program?(...things: unknown[]): cdk.App | undefined } = {};
  const load = (name: string): unknown => name === 'cdk-container-delivery' ? library : jest.requireActual(name);
  // In this realm, where a date is a Date.
  new Function('exports', 'require', outputText)(compiled, load);
  return compiled.program?.apply(stack, taken.map(([, make]) => make())) ?? app;
}

test('there are blocks', () => {
  expect(BLOCKS.length).toBeGreaterThan(15);
});

test.each(BLOCKS)('what the page says under %j makes templates', (_, block) => {
  const { stacks } = appOf(block).synth();
  expect(stacks.map(({ template }) => Object.keys(template.Resources ?? {}).length).every(count => count > 0)).toBe(true);
});
