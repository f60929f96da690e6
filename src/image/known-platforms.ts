import { App, Stack, Stage, Token } from 'aws-cdk-lib';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerDefinition, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { AccountRootPrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { PublishedImage } from './published-image';
import { platformOfAsset } from './sources/asset-sources';
import { platformsInArchive } from './sources/tarball-source';
import { isObject } from '../private/shape';
import { undefinedIfThrows } from '../private/undefined-if-throws';
import { reject } from '../private/validation';

/**
 * The platforms that the image of a container is built for; undefined if they are unknown during synthesis.
 *
 * They are known for images that this library publishes and for image assets of aws-cdk, however these are passed to the container.
 */
export function platformsOf(scope: IConstruct, image: ContainerImage): string[] | undefined {
  if (PublishedImage._isPublishedImage(image)) return image.platforms;
  if (!isObject(image)) return undefined;
  const { directory, props, repository, imageName } = image as { readonly [name: string]: unknown };
  // ContainerImage.fromAsset
  if (typeof directory === 'string') return isObject(props) ? platformIn(props.platform) : undefined;
  // ContainerImage.fromEcrRepository. CDK creates the repository of an asset in the asset.
  const owner = isObject(repository) && isObject(repository.node) ? repository.node.scope : undefined;
  if (isAsset(owner)) return listOf(platformOfAsset(owner));
  // ContainerImage.fromRegistry
  if (typeof imageName === 'string') return platformsOfAsset(scope, imageName);
  // ContainerImage.fromDockerImageAsset and fromTarball return an object without a class.
  return Object.getPrototypeOf(image) === Object.prototype ? platformsWhenBound(scope, image) : undefined;
}

function platformIn(platform: unknown): string[] | undefined {
  return isObject(platform) && typeof platform.platform === 'string' ? [platform.platform] : undefined;
}

function listOf(platform: string | undefined): string[] | undefined {
  return platform === undefined ? undefined : [platform];
}

function platformsOfAsset(scope: IConstruct, imageUri: string): string[] | undefined {
  // Any other name is a public image. This avoids a search through all constructs of the app.
  if (!Token.isUnresolved(imageUri) && !imageUri.includes('.dkr.ecr')) return undefined;
  const asset = scope.node.root.node.findAll().find(each => isAsset(each) && each.imageUri === imageUri);
  return isAsset(asset) ? listOf(platformOfAsset(asset)) : undefined;
}

/** Recognized by its properties, because it can come from another copy of aws-cdk-lib. */
function isAsset(value: unknown): value is DockerImageAsset {
  return Construct.isConstruct(value) && 'imageUri' in value && 'assetHash' in value && 'dockerfilePath' in value;
}

/** Binds the image in a temporary app that copies no files. */
function platformsWhenBound(scope: IConstruct, image: ContainerImage): string[] | undefined {
  const app = new App({
    autoSynth: false, analyticsReporting: false, outdir: Stage.of(scope)?.outdir, context: { 'aws:cdk:disable-asset-staging': true },
  });
  const probe = new Stack(app, 'Probe');
  const definition: unknown = { taskDefinition: { obtainExecutionRole: () => new AccountRootPrincipal() } };
  const imageName = nameOf(() => image.bind(probe, definition as ContainerDefinition).imageName);
  const tarball = probe.node.findAll().find(each => 'sourcePath' in each && typeof each.sourcePath === 'string');
  if (tarball !== undefined) return platformsOfTarball(scope, String(Reflect.get(tarball, 'sourcePath')));
  return imageName === undefined ? undefined : platformsOfAsset(scope, imageName);
}

/** Returns `undefined` if `bind` throws: the `bind` method of a user may need more than the temporary app has. */
function nameOf(bind: () => unknown): string | undefined {
  const name = undefinedIfThrows(bind);
  return typeof name === 'string' ? name : undefined;
}

function platformsOfTarball(scope: IConstruct, file: string): string[] | undefined {
  const platforms = platformsInArchive(scope, file);
  if (platforms.length > 1) {
    reject(scope, {
      property: 'containers', must: 'have an archive with one image in ContainerImage.fromTarball, which runs the image that Docker loads last', got: file,
      fix: 'Publish the right one: repository.publish(\'web\', ImageSource.tarball(file, { image: \'web:latest\' })).',
    });
  }
  return listOf(platforms[0]);
}
