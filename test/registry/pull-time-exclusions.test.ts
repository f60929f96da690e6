import { App, NestedStack, Stack } from 'aws-cdk-lib';
import { FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { FargateService, ImageRepository, ImageSource, RegistrySettings, ScanGate, Severity } from '../../src';
import { newCluster, Template } from '../helpers/stack';

const env = { account: '111122223333', region: 'eu-west-1' };

/** The logical IDs of the excluded roles. */
function excludedIn(stack: Stack): string[] {
  return Object.values(Template.fromStack(stack).findResources('AWS::ECR::PullTimeUpdateExclusion')).map(({ Properties }) => String(Properties.PrincipalArn['Fn::GetAtt'][0]));
}

/** A stack with a scan gate, and another stack with an image check. */
function checked(stack: Stack): Stack[] {
  const image = new ImageRepository(stack, 'Repository').publish('web', ImageSource.registry('nginx:1.27'), { scanGate: ScanGate.failOn(Severity.HIGH) });
  // In the stack of the image, the copy function also checks the image.
  const nested = new NestedStack(stack, 'Nested');
  new FargateService(nested, 'Service', { cluster: newCluster(nested), containers: { web: { image } } });
  return [stack, nested];
}

test('the roles of image checks and scan gates are excluded, wherever they are created, and no other role', () => {
  const app = new App();
  const before = new Stack(app, 'Before', { env });
  const first = checked(before);
  const settings = new Stack(app, 'Settings', { env });
  new RegistrySettings(settings, 'Settings', { ignorePullsOfChecks: true });
  const after = new Stack(app, 'After', { env });
  const second = checked(after);
  new FargateTaskDefinition(after, 'Other').obtainExecutionRole();

  for (const stacks of [first, second]) {
    const names = stacks.map(stack => excludedIn(stack).map(id => /(Check|Gate|Copy)/.exec(id)?.[1]));
    expect(names).toEqual([['Gate'], ['Check']]);
  }
  expect(excludedIn(settings)).toEqual([]);
});

test('no role of another region is excluded, and none if you turn the exclusions off', () => {
  const app = new App();
  const elsewhere = new Stack(app, 'Elsewhere', { env: { ...env, region: 'us-east-1' } });
  const stacks = checked(elsewhere);
  const here = new Stack(app, 'Here', { env: { ...env, region: 'eu-central-1' } });
  stacks.push(...checked(here));
  new RegistrySettings(new Stack(app, 'Settings', { env }), 'Settings', { ignorePullsOfChecks: true });
  new RegistrySettings(here, 'Settings', { ignorePullsOfChecks: false });

  expect(stacks.flatMap(excludedIn)).toEqual([]);
});
