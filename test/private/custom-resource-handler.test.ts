import { Aspects, Duration, Stack } from 'aws-cdk-lib';
import { ManagedPolicy, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { CustomResourceHandler, CustomResourceHandlerProps } from '../../src/private/custom-resource-handler';
import { everyHandler } from '../helpers/every-handler';
import { newStack, Template } from '../helpers/stack';

const KINDS = [
  'Custom::AzureContainerRegistry', 'Custom::ContainerImageBuild', 'Custom::ContainerImageCheck', 'Custom::ContainerImageCopy', 'Custom::ContainerOneOffTask',
  'Custom::GoogleArtifactRepository', 'Custom::ImageScanGate', 'Custom::OutboundIdentityFederation', 'Custom::RegistryBlobMounting',
  'Custom::RegistryBlobMountingBefore', 'Custom::TrafficShiftListener', 'Custom::TrafficShiftRule',
];
// The wait before Lambda delivers an event again after a crash.
const BEFORE_RETRIES = [60, 120];

class TestHandler extends CustomResourceHandler {
  public constructor(scope: Construct, id: string, props: CustomResourceHandlerProps) {
    super(scope, id, props);
  }
}

interface Resource {
  readonly Type: string;
  readonly DependsOn?: string[];
  readonly Properties: Readonly<Record<string, unknown>>;
}

describe('Lambda delivers an event of a custom resource', () => {
  const resources: Readonly<Record<string, Resource>> = Template.fromStack(everyHandler()).toJSON().Resources;
  const all = (type: RegExp) => Object.values(resources).filter(({ Type }) => type.test(Type));

  /** Function, settings and custom resource of each kind. */
  const served = all(/^Custom::/).map(resource => {
    const [functionId] = (resource.Properties.ServiceToken as { readonly 'Fn::GetAtt': readonly [string] })['Fn::GetAtt'];
    const [settingsId, settings] = Object.entries(resources).find(([, { Type, Properties }]) =>
      Type === 'AWS::Lambda::EventInvokeConfig' && (Properties.FunctionName as { readonly Ref: string }).Ref === functionId) ?? [];
    const [timeout, waited] = [resources[functionId].Properties.Timeout, resource.Properties.ServiceTimeout].map(Number);
    return { resource, settingsId, settings, timeout, waited };
  });

  test('of every kind, with settings that exist before the first event', () => {
    expect([...new Set(served.map(({ resource: { Type } }) => Type))].sort()).toEqual(KINDS);
    for (const { resource, settingsId, settings } of served) {
      expect(settings?.Properties).toMatchObject({ Qualifier: '$LATEST', MaximumRetryAttempts: 2 });
      expect(resource.DependsOn).toContain(settingsId);
    }
    // None without a custom resource, and one for each function.
    expect(all(/^AWS::Lambda::EventInvokeConfig$/)).toHaveLength(new Set(served.map(({ settingsId }) => settingsId)).size);
  });

  test('only while its work can end before CloudFormation times out', () => {
    for (const { settings, timeout, waited } of served) {
      expect(Number(settings?.Properties.MaximumEventAgeInSeconds) + timeout).toBeLessThanOrEqual(waited);
    }
  });

  test('for long enough for two retries after invocations that used all their time', () => {
    for (const { settings, timeout } of served) {
      expect(Number(settings?.Properties.MaximumEventAgeInSeconds)).toBeGreaterThanOrEqual(2 * timeout + BEFORE_RETRIES[0] + BEFORE_RETRIES[1]);
    }
  });

  test('in less than an hour', () => {
    const minutes = served.map(({ settings }) => Number(settings?.Properties.MaximumEventAgeInSeconds) / 60);
    expect(minutes.sort((one, other) => one - other)).toEqual([8, 8, 8, 15, 15, 45, 45, 45, 45, 45, 45, 45, 45, 45]);
  });
});

test('the maximum event age is the remaining part of the time that CloudFormation waits', () => {
  const stack = newStack();
  new TestHandler(stack, 'Handler', {
    bundle: 'copy/image-copy.lambda', description: 'x', memorySize: 128, timeout: Duration.minutes(3), serviceTimeout: Duration.minutes(12),
  });
  Template.fromStack(stack).hasResourceProperties('AWS::Lambda::EventInvokeConfig', { MaximumEventAgeInSeconds: 540 });
});

describe('the function of a custom resource', () => {
  const add = (stack: Stack) => new TestHandler(stack, 'Handler', {
    bundle: 'registry/blob-mounting.lambda', description: 'a test', timeout: Duration.minutes(1), serviceTimeout: Duration.minutes(5), memorySize: 128,
  });

  test('gets permissions and policies that aspects add', () => {
    const stack = newStack();
    add(stack);
    Aspects.of(stack).add({
      visit: node => {
        if (!(node instanceof LambdaFunction)) return;
        node.addToRolePolicy(new PolicyStatement({ actions: ['xray:PutTraceSegments'], resources: ['*'] }));
        node.role?.addManagedPolicy(ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSLambdaVPCAccessExecutionRole'));
      },
    });

    const template = Template.fromStack(stack);
    expect(JSON.stringify(template.findResources('AWS::IAM::Policy'))).toContain('xray:PutTraceSegments');
    expect(JSON.stringify(template.findResources('AWS::IAM::Role'))).toContain('AWSLambdaVPCAccessExecutionRole');
    template.resourceCountIs('AWS::IAM::Policy', 1);
  });

  test('writes to your log group, if there is one with its ID', () => {
    const stack = newStack();
    new LogGroup(stack, 'ContainerDeliveryLogs', { retention: RetentionDays.ONE_YEAR });
    add(stack);

    Template.fromStack(stack).resourcePropertiesCountIs('AWS::Logs::LogGroup', { RetentionInDays: 365 }, 1);
    Template.fromStack(stack).resourceCountIs('AWS::Logs::LogGroup', 1);
  });

  test.each<[string, (stack: Stack, id: string) => Construct]>([
    ['a construct without resources', (stack, id) => new Construct(stack, id)],
    ['a bucket', (stack, id) => new Bucket(stack, id)],
  ])('needs its ID for your log group, and rejects %s with this ID', (_, create) => {
    const stack = newStack();
    create(stack, 'ContainerDeliveryLogs');

    expect(() => add(stack)).toThrow(/^Stack\/ContainerDeliveryLogs: 'id' must not be 'ContainerDeliveryLogs' in a stack with functions of this library/);
  });

  test('works with existing roles', () => {
    const stack = newStack();
    Role.customizeRoles(stack, { preventSynthesis: true, usePrecreatedRoles: { 'Stack/Handler/Role': 'made-by-security' } });
    add(stack);

    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::IAM::Role', 0);
    expect(JSON.stringify(template.findResources('AWS::Lambda::Function'))).toContain('role/made-by-security');
  });
});
