import { execFileSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App, AssetStaging, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { IConstruct } from 'constructs';
import { entriesIn } from './files';
import { ImageRepository, ImageSource } from '../../src';
import { ImageSourceDirectoryOptions } from '../../src/image/image-source-config';

/** A link with this target text. */
export interface Link {
  readonly to: string;
}

/** Files with their text, links, and `null` for a pipe, by their paths. */
export interface Tree {
  readonly [place: string]: string | Link | null;
}

export const DOCKERFILE = 'FROM scratch\nCOPY . /context/\n';

/** A separate folder with the tree. */
export function folderOf(tree: Tree): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'context-'));
  for (const [place, content] of Object.entries(tree)) {
    const file = path.join(folder, place);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    if (content === null) execFileSync('mkfifo', [file]);
    else if (typeof content === 'string') fs.writeFileSync(file, content);
    else fs.symlinkSync(content.to, file);
  }
  return folder;
}

/** The content of files next to an app, which must not get into its image. */
export const SECRET = 'canary-outside-of-the-context';

/** A folder with an app, and secrets next to the app. Returns the app. */
export function appWith(tree: Tree, around: Tree = {}): string {
  const inApp = Object.entries({ Dockerfile: DOCKERFILE, ...tree }).map(([place, content]) => [`app/${place}`, content]);
  return path.join(folderOf({ 'secret.txt': SECRET, 'secrets/key.txt': SECRET, ...around, ...Object.fromEntries(inApp) }), 'app');
}

/** The content of a folder: files with their text, and links with their targets. */
export function treeOf(folder: string): { [place: string]: string | Link } {
  return Object.fromEntries(entriesIn(folder)
    .map(entry => path.join(entry.parentPath, entry.name))
    .map(file => [path.relative(folder, file), fs.lstatSync(file).isSymbolicLink() ? { to: fs.readlinkSync(file) } : fs.readFileSync(file, 'utf8')]));
}

/** An image of a directory, published in a stack named `Stack`. */
export interface Published {
  readonly stack: Stack;
  /** The folders to which CDK has copied the build context, one for each platform. */
  readonly staged: string[];
  readonly hashes: string[];
}

export function publish(directory: string, options: ImageSourceDirectoryOptions = {}): Published {
  return publishSource(() => ImageSource.directory(directory, options));
}

export function publishSource(source: (stack: Stack) => ImageSource): Published {
  const stack = new Stack(new App(), 'Stack');
  new ImageRepository(stack, 'Repository').publish('web', source(stack));
  return { stack, ...assetsOf(stack) };
}

function assetsOf(scope: IConstruct): Pick<Published, 'staged' | 'hashes'> {
  const assets = scope.node.findAll().filter(construct => construct instanceof DockerImageAsset);
  const stagings = assets.map(({ node }) => node.findChild('Staging') as AssetStaging);
  return { staged: stagings.map(({ absoluteStagedPath }) => absoluteStagedPath), hashes: assets.map(({ assetHash }) => assetHash) };
}

/** The messages of synthesis for a construct, with the id for acknowledgements. */
export interface Told {
  readonly level: string;
  readonly path: string;
  readonly id: string;
  readonly text: string;
}

/** All warnings and notes of a stack. */
export function toldIn(stack: Stack): Told[] {
  const annotations = Annotations.fromStack(stack);
  return [...annotations.findWarning('*', Match.anyValue()), ...annotations.findInfo('*', Match.anyValue())].map(({ level, id, entry }) => {
    const [, text, ack] = /^([^]*) \[ack: cdk-container-delivery:(\w+)\]$/.exec(String(entry.data)) ?? [];
    return { level, path: id, id: ack, text };
  });
}
