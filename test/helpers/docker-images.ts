import * as fs from 'fs';
import * as path from 'path';
import { App, Stack, SymlinkFollowMode } from 'aws-cdk-lib';
import { DockerImageAsset, DockerImageAssetOptions, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import * as ts from 'typescript';
import { entriesIn } from './files';
import { DirectPushSynthesizer, ImageRepository, ImageSource } from '../../src';

/** The parameters of the CDK CLI for an image, for any destination. */
export interface DockerImage {
  /** The name of the image in the output of the CDK CLI. */
  readonly id: string;
  readonly source: { readonly [field: string]: unknown };
  /** Only if the user has chosen one: otherwise it is the path of the asset in the stack. */
  readonly displayName?: string;
}

/** The same folder and options as a plain asset, and with this library: by `buildAndPushImage` and by `ImageSource.directory`. */
export interface DockerImages {
  readonly plain: DockerImage;
  readonly copied: readonly DockerImage[];
  readonly direct: readonly DockerImage[];
  readonly outdir: string;
}

/** Synthesizes one image in five ways. */
export function dockerImages(directory: string, options: DockerImageAssetOptions): DockerImages {
  const app = new App();
  new DockerImageAsset(new Stack(app, 'Plain'), 'Asset', {
    directory,
    platform: Platform.LINUX_AMD64,
    // The context has a link to the outside, which CDK would follow and `docker build` does not.
    followSymlinks: options.exclude?.includes('link') ? undefined : SymlinkFollowMode.NEVER,
    ...options,
    // The asset adds to its input list.
    exclude: options.exclude && [...options.exclude],
  });
  const repositories = new Stack(app, 'Repositories');
  for (const road of ['Copied', 'Direct']) {
    const synthesizer = () => road === 'Direct' ? new DirectPushSynthesizer() : undefined;
    const [one, two] = ['one', 'two'].map(name => new ImageRepository(repositories, road + name, { repositoryName: `${road}/${name}`.toLowerCase() }));
    one.buildAndPushImage(directory, { ...options, scope: new Stack(app, `${road}1`, { synthesizer: synthesizer() }) });
    two.publish('app', ImageSource.directory(directory, options), { scope: new Stack(app, `${road}2`, { synthesizer: synthesizer() }) });
  }
  const { directory: outdir } = app.synth();
  const named = options.displayName !== undefined || options.assetName !== undefined;
  const read = (file: string) => onlyImageOf(path.join(outdir, file), named);
  return {
    plain: read('Plain.assets.json'),
    copied: [read('Copied1.assets.json'), read('Copied2.assets.json')],
    direct: [read('Direct1.images.json'), read('Direct2.images.json')],
    outdir,
  };
}

function onlyImageOf(manifest: string, named: boolean): DockerImage {
  const { dockerImages: images } = JSON.parse(fs.readFileSync(manifest, 'utf8'));
  const [[key, { source, displayName }], ...others] = Object.entries<DockerImage>(images);
  if (others.length > 0) throw new Error(`${manifest} has more than one image.`);
  // With the direct route, the id ends with the destination of the image.
  const id = manifest.endsWith('.images.json') ? key.replace(/-[a-f0-9]{16}$/, '') : key;
  return { id, source, displayName: named ? displayName : undefined };
}

/** Every file of a synthesis. */
export function everySynthesizedFile(outdir: string): { name: string; text: string }[] {
  return entriesIn(outdir)
    .filter(entry => entry.isFile())
    .map(entry => path.relative(outdir, path.join(entry.parentPath, entry.name)))
    .map(name => ({ name, text: fs.readFileSync(path.join(outdir, name), 'utf8') }));
}

/** The properties of an interface of aws-cdk-lib with those that it inherits, read from its declarations. */
export function optionsOf(name: string): string[] {
  const library = path.dirname(require.resolve('aws-cdk-lib/package.json'));
  const interfaces = ['aws-ecr-assets/lib/image-asset.d.ts', 'core/lib/fs/options.d.ts']
    .map(file => ts.createSourceFile(file, fs.readFileSync(path.join(library, file), 'utf8'), ts.ScriptTarget.Latest))
    .flatMap(source => source.statements.filter(ts.isInterfaceDeclaration).map(declaration => ({ source, declaration })));
  const propertiesOf = (wanted: string): string[] => {
    const found = interfaces.find(({ declaration }) => declaration.name.text === wanted);
    if (!found) throw new Error(`aws-cdk-lib declares no interface ${wanted} where it was expected.`);
    const parents = found.declaration.heritageClauses?.flatMap(clause => clause.types.map(type => type.getText(found.source))) ?? [];
    const own = found.declaration.members.map(member => member.name?.getText(found.source) ?? '');
    return [...parents.flatMap(propertiesOf), ...own];
  };
  return propertiesOf(name).sort();
}

/** The fields of a part of an asset manifest, as the CDK CLI reads it. */
export function schemaOf(name: string): string[] {
  const schema = require.resolve('@aws-cdk/cloud-assembly-schema/schema/assets.schema.json');
  return Object.keys(JSON.parse(fs.readFileSync(schema, 'utf8')).definitions[name].properties).sort();
}
