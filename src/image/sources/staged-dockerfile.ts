import * as fs from 'fs';
import * as path from 'path';
import { AssetStaging, FileSystem, IgnoreStrategy } from 'aws-cdk-lib';
import { DockerImageAsset, DockerImageAssetOptions } from 'aws-cdk-lib/aws-ecr-assets';
import { isOutside } from './portable-paths';

/** The location of a Dockerfile. */
export interface DockerfilePlace {
  readonly directory: string;
  /** Its path in the directory. */
  readonly file: string;
}

/** Whether the path of the Dockerfile contains a link to a file outside of the build context, so that the staged link would be broken. */
export function isDockerfileElsewhere({ directory, file }: DockerfilePlace, ignore: IgnoreStrategy, hasLeavingLinks: boolean): boolean {
  const place = path.relative(fs.realpathSync(directory), fs.realpathSync(path.join(directory, file)));
  const isLink = place !== path.normalize(file);
  return isLink && (hasLeavingLinks || isOutside(place) || ignore.ignores(path.resolve(directory, place)));
}

/** A hash of the Dockerfile, for the hash of an asset that includes only a link to the Dockerfile or nothing of it. */
export function dockerfileHash({ directory, file }: DockerfilePlace): string {
  return `Dockerfile:${FileSystem.fingerprint(path.resolve(directory, file))}`;
}

/** Options that add texts to the hash of the asset. */
export function hashing(
  texts: readonly string[], { extraHash, invalidation }: DockerImageAssetOptions,
): Pick<DockerImageAssetOptions, 'extraHash' | 'invalidation'> {
  const given = invalidation?.extraHash === false ? '' : extraHash ?? '';
  return texts.length === 0 ? { extraHash, invalidation } : { extraHash: given + texts.join(), invalidation: { ...invalidation, extraHash: true } };
}

/** Replaces a staged link that does not lead to the Dockerfile with the Dockerfile itself. */
export function stageDockerfile(staging: AssetStaging | undefined, { directory, file }: DockerfilePlace): void {
  // Without staging, Docker builds from the directory itself.
  if (staging === undefined || staging.absoluteStagedPath === staging.sourcePath) return;
  const staged = staging.absoluteStagedPath;
  const steps = path.normalize(file).split(path.sep).map((_, position, parts) => path.join(staged, ...parts.slice(0, position + 1)));
  const wrong = steps.find(step => !isWithin(staged, step));
  if (wrong === undefined) return;
  const [target] = steps.slice(-1);
  fs.rmSync(wrong, { force: true });
  fs.mkdirSync(path.dirname(target), { recursive: true });
  fs.copyFileSync(path.join(directory, file), target);
}

/** Whether a file exists in the directory, without following links out of it. */
function isWithin(directory: string, file: string): boolean {
  return fs.existsSync(file) && !isOutside(path.relative(fs.realpathSync(directory), fs.realpathSync(file)));
}

/** The staging of an asset, with which CDK copied its directory into the output of the synthesis. */
export function stagingOf(asset: DockerImageAsset): AssetStaging | undefined {
  return asset.node.children.find((child): child is AssetStaging => child instanceof AssetStaging);
}
