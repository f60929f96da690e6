import * as path from 'path';
import { App, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { registryWithEverything } from './registry-with-everything';
import { servicesWithEverything } from './services-with-everything';
import {
  BuildCache, ImageBuilder, ImageEncryption, ImageRepository, ImageSelection, ImageSource, ImageTagMutability, LayerCompression, LifecycleRule,
  PullService, Retention,
} from '../../src';

/** An app with every setting of the repository and the registry, and of services if the setting creates a role, a policy or a principal. */
export function everything(region = 'eu-west-1'): App {
  const app = new App({ context: { 'aws:cdk:enable-asset-metadata': true } });
  const env = { account: '111122223333', region };
  const stack = new Stack(app, 'Everything', { env });
  repositoryWithEverything(stack);
  registryWithEverything(stack);
  buildsWithEverything(stack);
  servicesWithEverything(new Stack(app, 'Services', { env }));
  return app;
}

function buildsWithEverything(stack: Stack): void {
  const repository = new ImageRepository(stack, 'Builds', {
    imageTagMutability: ImageTagMutability.immutableExcept('cache-*'), lifecycleRules: [LifecycleRule.expireUntagged({ olderThan: Duration.days(1) })],
  });
  const vpc = new Vpc(stack, 'BuildVpc', { maxAzs: 2, natGateways: 1 });
  repository.buildAndPushImage(path.join(__dirname, '..', 'fixtures', 'app'), {
    platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64], buildArgs: { REGION: stack.region },
    builder: ImageBuilder.codeBuild({
      vpc, cache: BuildCache.registry(), compression: LayerCompression.ZSTD, timeout: Duration.minutes(30), secrets: { npm: new Secret(stack, 'Npm') },
      registryCredentials: { 'ghcr.io': new Secret(stack, 'GitHub') },
    }),
  });
}

function repositoryWithEverything(stack: Stack): ImageRepository {
  const releases = ImageSelection.tagPrefix('release-');
  const repository = new ImageRepository(stack, 'Repository', {
    repositoryName: 'team/web',
    encryption: ImageEncryption.kms(),
    imageTagMutability: ImageTagMutability.immutableExcept('latest', 'dev-*'),
    pullFrom: {
      accounts: ['222233334444'], organizations: ['o-a1b2c3d4e5'], organizationalUnits: ['o-a1b2c3d4e5/r-ab12/ou-ab12-11111111'],
      services: [PullService.AWS_LAMBDA, PullService.AWS_CODE_BUILD],
    },
    pushFrom: { accounts: ['222233334444'] },
    removalPolicy: RemovalPolicy.DESTROY,
    emptyOnDelete: true,
    retention: Retention.keepForRollbackByPushDate(10),
    lifecycleRules: [
      LifecycleRule.protect(ImageSelection.tagPrefix('gold-')),
      LifecycleRule.archive({ images: releases, olderThan: Duration.days(100) }),
      LifecycleRule.archiveUnused({ images: ImageSelection.tagPattern('v*-rc*'), notPulledFor: Duration.days(30) }),
      LifecycleRule.archiveAllButNewest({ images: ImageSelection.everyTagPrefix(['nightly-', 'linux-']), count: 5 }),
      LifecycleRule.expireArchived({ images: releases, archivedFor: Duration.days(90) }),
      LifecycleRule.keepNewest({ images: ImageSelection.all(), count: 1 }).acceptingTheRisk('nobody else pushes into this repository'),
      LifecycleRule.expireUntagged({ olderThan: Duration.days(1) }),
    ],
  });
  repository.publish('mirror', ImageSource.registry('nginx:1.27'), { tags: ['latest'] });
  return repository;
}
