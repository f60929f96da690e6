import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { Annotations, AssetStaging, IgnoreMode, Stack, SymlinkFollowMode } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { readBuildContext, statOf } from './build-context';
import { quoted, warnOfSecretFiles } from './build-warnings';
import { contextPatterns, outputWithin } from './context-patterns';
import { imageOf } from './platforms-source';

// The CDK CLI runs Docker in the copy of the directory. CDK stores all other copies next to it.

// https://docs.docker.com/reference/cli/docker/buildx/build/#build-context
const ELSEWHERE = /^(?!oci-layout:)\w[\w+.-]*:\/\/|^(git@|github\.com\/|target:)/;
const OCI_LAYOUT = /^oci-layout:\/\/([^]*?)((?::\w[\w.-]{0,127})?(?:@sha\d+:[0-9a-f]+)?)$/;

/** A named build context (`buildContexts`). */
export interface NamedContext {
  /** A local directory; undefined for an image, a URL or a directory that does not exist. */
  readonly root?: string;
  /** Whether the value is a path, even if the path does not exist. */
  readonly isLocal: boolean;
  readonly hasIgnoreFile: boolean;
  /** The value of the Docker argument if the directory is at another path. */
  at(place: string): string;
}

/** Parses the value of a build context. A relative path starts at the directory or, if it does not exist there, at the working directory. */
export function namedContext(directory: string, value: string): NamedContext {
  const [, layout, version = ''] = OCI_LAYOUT.exec(value) ?? [];
  const place = layout ?? value;
  const isLocal = place !== '' && !ELSEWHERE.test(place);
  return {
    isLocal,
    root: isLocal ? [place, place.replace(/\\/g, '/')].flatMap(each => [path.resolve(directory, each), path.resolve(each)]).find(isDirectory) : undefined,
    hasIgnoreFile: layout === undefined,
    at: other => layout === undefined ? other : `oci-layout://${other}${version}`,
  };
}

function isDirectory(place: string): boolean {
  return statOf(place)?.isDirectory() === true;
}

/** Copies local build contexts into the output of the synthesis, so that the hash depends on their content and not on their location. */
export function stageBuildContexts(
  scope: Construct, directory: string, buildContexts: { readonly [name: string]: string },
): { [name: string]: string } {
  return Object.fromEntries(Object.entries(buildContexts).map(([name, value]) => {
    const { root, isLocal, hasIgnoreFile, at } = namedContext(directory, value);
    if (root === undefined) {
      if (isLocal) warnOfMissingContext(scope, name, value);
      return [name, value];
    }
    return [name, at(besideCopy(stageContext(scope, `Context-${name}`, root, hasIgnoreFile), root))];
  }));
}

function warnOfMissingContext(scope: Construct, name: string, value: string): void {
  Annotations.of(imageOf(scope)).addWarningV2('cdk-container-delivery:missingBuildContext', [
    `The build context ${quoted(name)} is the directory ${quoted(value)}, which does not exist. Docker looks for it where "cdk deploy" runs.`,
    'Write its path from the directory of the build, or from the working directory of the CDK app. For an image, write "docker-image://" before it.',
  ].join(' '));
}

/** Copies the files of a directory that Docker would read. */
export function stageContext(scope: Construct, id: string, root: string, hasIgnoreFile: boolean): AssetStaging {
  const { all, ignore } = contextPatterns(scope, root, { exclude: outputWithin(scope, root) });
  const { secretFiles, details } = readBuildContext(root, { ignore, withDetails: true });
  if (hasIgnoreFile) warnOfSecretFiles(imageOf(scope), secretFiles);
  const staging = new AssetStaging(scope, id, {
    sourcePath: root, exclude: all, ignoreMode: IgnoreMode.DOCKER, follow: SymlinkFollowMode.NEVER, extraHash: details.hash,
  });
  if (staging.absoluteStagedPath !== root) details.apply(staging.absoluteStagedPath);
  return staging;
}

/** Copies a Dockerfile outside of the directory, with its own ignore file. Returns the path of the copy for Docker. */
export function stageOutsideDockerfile(scope: Construct, dockerfile: string): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'dockerfile-'));
  try {
    for (const file of [dockerfile, `${dockerfile}.dockerignore`].filter(each => statOf(each)?.isFile())) {
      fs.copyFileSync(file, path.join(folder, path.basename(file)));
    }
    const staging = new AssetStaging(scope, 'Dockerfile', { sourcePath: folder });
    return staging.absoluteStagedPath === folder ? dockerfile : `${besideCopy(staging, folder)}/${path.basename(dockerfile)}`;
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

/** The path of a copy for Docker. Without staging there is no copy, and Docker builds from the original. */
function besideCopy({ absoluteStagedPath }: AssetStaging, source: string): string {
  return absoluteStagedPath === source ? source : `../${path.basename(absoluteStagedPath)}`;
}

/** Creates an asset that is built with a Dockerfile outside of its directory. `DockerImageAsset` only accepts a path in the directory. */
export function withDockerfile<T>(scope: Construct, dockerFile: string | undefined, create: () => T): T {
  if (dockerFile === undefined) return create();
  const { synthesizer } = Stack.of(scope);
  const add = Object.getOwnPropertyDescriptor(synthesizer, 'addDockerImageAsset');
  const original = synthesizer.addDockerImageAsset.bind(synthesizer);
  synthesizer.addDockerImageAsset = asset => original({ ...asset, dockerFile });
  try {
    return create();
  } finally {
    if (add === undefined) Reflect.deleteProperty(synthesizer, 'addDockerImageAsset');
    else Object.defineProperty(synthesizer, 'addDockerImageAsset', add);
  }
}
