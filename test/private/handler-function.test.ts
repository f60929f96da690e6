import { Duration } from 'aws-cdk-lib';
import { addHandlerFunction } from '../../src/private/handler-function';
import { everyHandler } from '../helpers/every-handler';
import { newStack, Template } from '../helpers/stack';

const KINDS = [
  'Custom::AzureContainerRegistry', 'Custom::ContainerImageBuild', 'Custom::ContainerImageCheck', 'Custom::ContainerImageCopy', 'Custom::ContainerOneOffTask',
  'Custom::GoogleArtifactRepository', 'Custom::ImageScanGate', 'Custom::OutboundIdentityFederation', 'Custom::RegistryBlobMounting',
  'Custom::RegistryBlobMountingBefore', 'Custom::TrafficShiftListener', 'Custom::TrafficShiftRule',
];
// Lambda waits that long before it delivers an event again after a crash.
const BEFORE_RETRIES = [60, 120];

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

  test('of every kind, by settings that are there before the first event', () => {
    expect([...new Set(served.map(({ resource: { Type } }) => Type))].sort()).toEqual(KINDS);
    for (const { resource, settingsId, settings } of served) {
      expect(settings?.Properties).toMatchObject({ Qualifier: '$LATEST', MaximumRetryAttempts: 2 });
      expect(resource.DependsOn).toContain(settingsId);
    }
    // None without a custom resource, and one for each function.
    expect(all(/^AWS::Lambda::EventInvokeConfig$/)).toHaveLength(new Set(served.map(({ settingsId }) => settingsId)).size);
  });

  test('only as long as the work for it still ends before CloudFormation has stopped waiting', () => {
    for (const { settings, timeout, waited } of served) {
      expect(Number(settings?.Properties.MaximumEventAgeInSeconds) + timeout).toBeLessThanOrEqual(waited);
    }
  });

  test('long enough for two retries after invocations that took all their time', () => {
    for (const { settings, timeout } of served) {
      expect(Number(settings?.Properties.MaximumEventAgeInSeconds)).toBeGreaterThanOrEqual(2 * timeout + BEFORE_RETRIES[0] + BEFORE_RETRIES[1]);
    }
  });

  test('in less than an hour', () => {
    const minutes = served.map(({ settings }) => Number(settings?.Properties.MaximumEventAgeInSeconds) / 60);
    expect(minutes.sort((one, other) => one - other)).toEqual([8, 8, 8, 15, 15, 45, 45, 45, 45, 45, 45, 45, 45, 45]);
  });
});

test('the age is what is left of the time that CloudFormation waits', () => {
  const stack = newStack();
  addHandlerFunction(stack, {
    bundle: 'copy/image-copy.lambda', description: 'x', memorySize: 128, timeout: Duration.minutes(3), serviceTimeout: Duration.minutes(12),
  });
  Template.fromStack(stack).hasResourceProperties('AWS::Lambda::EventInvokeConfig', { MaximumEventAgeInSeconds: 540 });
});
