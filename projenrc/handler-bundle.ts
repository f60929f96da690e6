import * as path from 'node:path';
import { buildSync } from 'esbuild';
import { BundledPackage, bundledPackages, noticeOf } from './notice';

const PROJECT = path.join(__dirname, '..');

/** Handlers of custom resources, as folders of `src` and `assets` with the names of their files. */
export const HANDLERS = [
  'copy/image-copy.lambda', 'build/image-build.lambda', 'image-check/image-check.lambda', 'registry/blob-mounting.lambda', 'one-off-task/one-off-task.lambda', 'scanning/scan-gate.lambda',
  'traffic-shift/traffic-shift.lambda', 'federation/federation.lambda', 'google/artifact-repository.lambda', 'azure/azure-registry.lambda',
];

/** A bundled handler or command. */
export interface HandlerBundle {
  /** The content of its folder in `assets`: each file by name. */
  readonly files: Readonly<Record<'index.js' | 'NOTICE', string>>;
  /** All source files, relative to the project. */
  readonly inputs: string[];
  /** What it requires at run time. */
  readonly required: string[];
  readonly packages: BundledPackage[];
}

/** The folder of the command `check-migration` in `assets`. */
export const COMMAND = 'check-migration';

/** Bundles a handler. The same sources give the same bytes, in any folder. */
export function bundleHandler(handler: string): HandlerBundle {
  return bundle(`src/${handler}.ts`, handler, 'node22');
}

/** Bundles the command, which runs with the Node.js of the user. */
export function bundleCommand(): HandlerBundle {
  return bundle('src/migration-check/command.ts', COMMAND, 'node20');
}

function bundle(source: string, folder: string, target: string): HandlerBundle {
  const { outputFiles: [code], metafile } = buildSync({
    absWorkingDir: PROJECT, entryPoints: [source], bundle: true, minify: true, platform: 'node', target, format: 'cjs',
    outfile: `assets/${folder}/index.js`, write: false, metafile: true,
  });
  const inputs = Object.keys(metafile.inputs);
  const packages = bundledPackages(inputs, PROJECT);
  const required = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(each => each.path));
  return { files: { 'index.js': code.text, 'NOTICE': noticeOf(packages) }, inputs, required, packages };
}
