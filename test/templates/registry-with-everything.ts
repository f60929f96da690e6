import { Duration, Stack } from 'aws-cdk-lib';
import { OrganizationPrincipal, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  BlobMounting, ImageEncryption, ImageTagMutability, LifecycleRule, ManagedSigning, PullService, PullThroughCache, RegistryPolicy, RegistryScanning,
  RegistrySettings, RegistrySettingsProps, ReplicationRule, RepositoryCreation, RepositoryCreationTemplate,
} from '../../src';

/** A registry with every setting that there is. */
export function registryWithEverything(stack: Stack): RegistrySettings {
  const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('ecr.amazonaws.com') });
  const settings = new RegistrySettings(stack, 'Registry', {
    scanning: RegistryScanning.enhanced({ continuous: ['prod/*', 'a.b-c_d/e*'] }),
    replication: [
      ReplicationRule.toRegions(['us-east-1'], { repositoryPrefixes: ['prod/'] }), ReplicationRule.toAccounts(['444455556666'], ['eu-west-1', 'us-east-1']),
    ],
    signing: [ManagedSigning.withNewProfile(['prod/*'])],
    blobMounting: BlobMounting.enabledUntilRemoved(),
    pullThroughCaches: caches(stack, role),
    creationTemplates: templates(role),
    policy: [
      RegistryPolicy.allowReplicationFrom(['444455556666'], { repositoryPrefixes: ['prod/'] }),
      RegistryPolicy.allowPullThroughCache('quay', [role, new OrganizationPrincipal('o-1234567890')]),
    ],
  });
  settings.grantSign(role);
  settings.grantCachedPull(role, 'docker-hub');
  return settings;
}

function caches(stack: Stack, role: Role): RegistrySettingsProps['pullThroughCaches'] {
  const credentials = new Secret(stack, 'Hub', { secretName: 'ecr-pullthroughcache/hub' });
  return [
    PullThroughCache.dockerHub({ credentials }), PullThroughCache.gitHub({ credentials }), PullThroughCache.gitLab({ credentials }),
    PullThroughCache.azure({ credentials, loginServer: 'team.azurecr.io' }), PullThroughCache.ecrPublic(), PullThroughCache.kubernetes(),
    PullThroughCache.quay(), PullThroughCache.quay({ prefix: 'ROOT' }), PullThroughCache.ecr({ region: 'us-east-1', role, upstreamPrefix: 'prod' }),
  ];
}

function templates(role: Role): RegistrySettingsProps['creationTemplates'] {
  return [
    RepositoryCreationTemplate.forPrefix('team/web', { appliedFor: [RepositoryCreation.REPLICATION], imageTagMutability: ImageTagMutability.mutableExcept('v*') }),
    RepositoryCreationTemplate.forAllOthers({
      appliedFor: Object.values(RepositoryCreation),
      description: 'Whatever ECR creates',
      imageTagMutability: ImageTagMutability.immutableExcept('latest', 'pr-*'),
      encryption: ImageEncryption.kms(),
      lifecycleRules: [LifecycleRule.expireUntagged({ olderThan: Duration.days(3) })],
      pullFrom: { accounts: ['444455556666'], organizations: ['o-1234567890'], services: [PullService.AWS_LAMBDA] },
      pushFrom: { principals: [role] },
      resourceTags: { team: 'web' },
      role,
    }),
  ];
}
