import { App, Aws, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { CfnRegistryPolicy, CfnRegistryScanningConfiguration } from 'aws-cdk-lib/aws-ecr';
import { RegistryScanning, RegistrySettings } from '../../src';
import { newStack, Template } from '../helpers/stack';
import { messageOf } from '../helpers/wrong-input';

const EUROPE = { account: '111122223333', region: 'eu-west-1' };
const AMERICA = { account: '111122223333', region: 'us-east-1' };
const SCANNING = { scanning: RegistryScanning.basic() };

test('without options, no setting is changed', () => {
  const stack = newStack();
  new RegistrySettings(stack, 'Settings');
  expect(Template.fromStack(stack).toJSON().Resources).toBeUndefined();
});

test('only the settings of the options are changed', () => {
  const stack = newStack();
  new RegistrySettings(stack, 'Settings', SCANNING);
  expect(Object.values(Template.fromStack(stack).toJSON().Resources).map(each => (each as { Type: string }).Type))
    .toEqual(['AWS::ECR::RegistryScanningConfiguration']);
});

describe('the settings of a registry can be defined once in an app:', () => {
  /** The error message of the second settings. */
  function second(build: (app: App) => [Stack, Stack]): string {
    const [one, other] = build(new App());
    new RegistrySettings(one, 'One');
    return messageOf(() => new RegistrySettings(other, 'Other'));
  }

  test('a second definition throws, with the paths of both', () => {
    expect(second(app => [new Stack(app, 'A', { env: EUROPE }), new Stack(app, 'B', { env: EUROPE })])).toBe(
      "B/Other: 'scope' must have no other RegistrySettings in its account and region, because each deployment would undo the other, "
      + 'got "A/One". Write all settings of a registry into one RegistrySettings.',
    );
  });

  test.each<[string, (app: App) => [Stack, Stack]]>([
    ['in one stack', app => {
      const stack = new Stack(app, 'A');
      return [stack, stack];
    }],
    ['in two stacks without an environment', app => [new Stack(app, 'A'), new Stack(app, 'B')]],
    ['in a stack and one nested in it', app => {
      const stack = new Stack(app, 'A', { env: EUROPE });
      return [stack, new NestedStack(stack, 'Nested')];
    }],
    ['in two stages of one environment', app => [
      new Stack(new Stage(app, 'Dev', { env: EUROPE }), 'A'), new Stack(new Stage(app, 'Prod', { env: EUROPE }), 'A'),
    ]],
    ['in two stacks of a stage without an environment', app => {
      const stage = new Stage(app, 'Dev');
      return [new Stack(stage, 'A'), new Stack(stage, 'B')];
    }],
    ['in two stacks with a region and without an account', app => [
      new Stack(app, 'A', { env: { region: 'eu-west-1' } }), new Stack(app, 'B', { env: { region: 'eu-west-1' } }),
    ]],
    ['in a stack without an environment and one with the same pseudo parameters', app => [
      new Stack(app, 'A'), new Stack(app, 'B', { env: { account: Aws.ACCOUNT_ID, region: Aws.REGION } }),
    ]],
  ])('%s, a second definition throws', (_, build) => {
    expect(second(build)).toMatch(/^[\w/]+\/Other: 'scope' must have no other RegistrySettings .+, got "[\w/]+\/One"\./);
  });

  test.each<[string, (app: App) => [Stack, Stack]]>([
    ['two regions', app => [new Stack(app, 'A', { env: EUROPE }), new Stack(app, 'B', { env: AMERICA })]],
    ['two stages of two environments', app => [
      new Stack(new Stage(app, 'Dev', { env: EUROPE }), 'A'), new Stack(new Stage(app, 'Prod', { env: AMERICA }), 'A'),
    ]],
    ['two environment-agnostic stages', app => [new Stack(new Stage(app, 'Dev'), 'A'), new Stack(new Stage(app, 'Prod'), 'A')]],
    ['a stack with an environment and one without, which can be different,', app => [new Stack(app, 'A', { env: EUROPE }), new Stack(app, 'B')]],
  ])('%s can each have one definition', (_, build) => {
    expect(second(build)).toBe('accepted');
  });

  test('two apps in one program are independent', () => {
    new RegistrySettings(newStack({ env: EUROPE }), 'Settings');
    expect(messageOf(() => new RegistrySettings(newStack({ env: EUROPE }), 'Settings'))).toBe('accepted');
  });
});

describe('an L1 resource for the same setting', () => {
  const app = (env = EUROPE, beside = EUROPE) => {
    const root = new App();
    new RegistrySettings(new Stack(root, 'Owner', { env }), 'Settings', SCANNING);
    return [root, new Stack(root, 'Beside', { env: beside })] as const;
  };
  const rules = { scanType: 'BASIC', rules: [] };

  test('throws when the app is synthesized, with the paths of both', () => {
    const [root, stack] = app();
    new CfnRegistryScanningConfiguration(stack, 'Mine', rules);
    expect(messageOf(() => root.synth())).toContain(
      "[Owner/Settings] 'scanning' must be set nowhere else in this account and region, because each deployment would undo the other, "
      + 'got "Beside/Mine". Remove one of the two.',
    );
  });

  test('is accepted for another setting or another region', () => {
    const [root, stack] = app();
    new CfnRegistryPolicy(stack, 'Policy', { policyText: {} });
    expect(messageOf(() => root.synth())).toBe('accepted');
    const [other, elsewhere] = app(EUROPE, AMERICA);
    new CfnRegistryScanningConfiguration(elsewhere, 'Mine', rules);
    expect(messageOf(() => other.synth())).toBe('accepted');
  });
});
