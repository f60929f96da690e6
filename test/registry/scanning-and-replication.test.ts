import { Aws, Stack } from 'aws-cdk-lib';
import { RegistryScanning, RegistrySettings, RegistrySettingsProps, ReplicationRule } from '../../src';
import { newStack, Template } from '../helpers/stack';

const ACCOUNT = '111122223333';
const EUROPE = { account: ACCOUNT, region: 'eu-west-1' };

function propertiesOf(type: string, props: RegistrySettingsProps, stack: Stack = newStack({ env: EUROPE })): unknown {
  new RegistrySettings(stack, 'Settings', props);
  const [resource, ...others] = Object.values(Template.fromStack(stack).findResources(type));
  expect(others).toEqual([]);
  return resource.Properties;
}

describe('scanning', () => {
  const scanned = (scanning: RegistryScanning) => propertiesOf('AWS::ECR::RegistryScanningConfiguration', { scanning });
  const rule = (ScanFrequency: string, ...names: string[]) => (
    { ScanFrequency, RepositoryFilters: names.map(Filter => ({ Filter, FilterType: 'WILDCARD' })) }
  );

  test('can be enhanced and on push for all repositories', () => {
    expect(scanned(RegistryScanning.enhanced())).toEqual({ ScanType: 'ENHANCED', Rules: [rule('SCAN_ON_PUSH', '*')] });
  });

  test('can be continuous for some repositories and on push for the rest', () => {
    expect(scanned(RegistryScanning.enhanced({ continuous: ['prod/*', 'billing'] }))).toEqual({
      ScanType: 'ENHANCED', Rules: [rule('CONTINUOUS_SCAN', 'prod/*', 'billing'), rule('SCAN_ON_PUSH', '*')],
    });
  });

  test('can be continuous for some repositories and on push for others', () => {
    expect(scanned(RegistryScanning.enhanced({ continuous: ['prod/*'], onPush: ['team-*/web'] }))).toEqual({
      ScanType: 'ENHANCED', Rules: [rule('CONTINUOUS_SCAN', 'prod/*'), rule('SCAN_ON_PUSH', 'team-*/web')],
    });
  });

  test.each([{ continuous: ['*'] }, { continuous: ['*'], onPush: [] }])('can be continuous for all repositories: %p', options => {
    expect(scanned(RegistryScanning.enhanced(options))).toEqual({ ScanType: 'ENHANCED', Rules: [rule('CONTINUOUS_SCAN', '*')] });
  });

  test('can be continuous for some repositories, without scans for the others', () => {
    expect(scanned(RegistryScanning.enhanced({ continuous: ['prod/*'], onPush: [] }))).toEqual({
      ScanType: 'ENHANCED', Rules: [rule('CONTINUOUS_SCAN', 'prod/*')],
    });
  });

  test('can be basic on push for all repositories', () => {
    expect(scanned(RegistryScanning.basic())).toEqual({ ScanType: 'BASIC', Rules: [rule('SCAN_ON_PUSH', '*')] });
  });

  test('can be basic on push for some repositories, and manual for the others', () => {
    expect(scanned(RegistryScanning.basic({ onPush: ['team-*/web'] }))).toEqual({ ScanType: 'BASIC', Rules: [rule('SCAN_ON_PUSH', 'team-*/web')] });
  });

  test('can be manual only', () => {
    expect(scanned(RegistryScanning.basic({ onPush: [] }))).toEqual({ ScanType: 'BASIC', Rules: [] });
  });
});

describe('replication', () => {
  const replicated = (replication: ReplicationRule[], stack?: Stack) => propertiesOf('AWS::ECR::ReplicationConfiguration', { replication }, stack);

  test('copies to other regions of the account', () => {
    expect(replicated([ReplicationRule.toRegions(['us-east-1', 'ap-southeast-2'])])).toEqual({
      ReplicationConfiguration: {
        Rules: [{ Destinations: [{ Region: 'us-east-1', RegistryId: ACCOUNT }, { Region: 'ap-southeast-2', RegistryId: ACCOUNT }] }],
      },
    });
  });

  test('copies to other accounts, also in the same region, with the repositories that begin with a prefix', () => {
    expect(replicated([
      ReplicationRule.toRegions(['us-east-1']),
      ReplicationRule.toAccounts(['444455556666', '777788889999'], ['eu-west-1', 'us-gov-west-1'], { repositoryPrefixes: ['prod/', 'shared-'] }),
    ])).toEqual({
      ReplicationConfiguration: {
        Rules: [
          { Destinations: [{ Region: 'us-east-1', RegistryId: ACCOUNT }] },
          {
            Destinations: [
              { Region: 'eu-west-1', RegistryId: '444455556666' }, { Region: 'us-gov-west-1', RegistryId: '444455556666' },
              { Region: 'eu-west-1', RegistryId: '777788889999' }, { Region: 'us-gov-west-1', RegistryId: '777788889999' },
            ],
            RepositoryFilters: [{ Filter: 'prod/', FilterType: 'PREFIX_MATCH' }, { Filter: 'shared-', FilterType: 'PREFIX_MATCH' }],
          },
        ],
      },
    });
  });

  test('works in an environment-agnostic stack, and with accounts that are tokens', () => {
    const rules = [ReplicationRule.toRegions(['us-east-1']), ReplicationRule.toAccounts([Aws.STACK_NAME], ['eu-west-1'])];
    expect(replicated(rules, newStack())).toEqual({
      ReplicationConfiguration: {
        Rules: [
          { Destinations: [{ Region: 'us-east-1', RegistryId: { Ref: 'AWS::AccountId' } }] },
          { Destinations: [{ Region: 'eu-west-1', RegistryId: { Ref: 'AWS::StackName' } }] },
        ],
      },
    });
  });

  test('has at most 25 destinations, and those in several rules count once', () => {
    const regions = Array.from({ length: 25 }, (_, at) => `us-east-${at + 1}`);
    expect(replicated([
      ReplicationRule.toRegions(regions, { repositoryPrefixes: ['prod/'] }), ReplicationRule.toRegions(regions, { repositoryPrefixes: ['shared/'] }),
    ])).toMatchObject({ ReplicationConfiguration: { Rules: [{}, {}] } });
  });
});
