import * as path from 'node:path';
import { buildSync } from 'esbuild';
import { BundledPackage, bundledPackages, noticeOf } from './notice';

const PROJECT = path.join(__dirname, '..');

/** Handlers of custom resources, as folders of `src` and `assets` with the names of their files. */
export const HANDLERS = [
  'copy/image-copy.lambda', 'build/image-build.lambda', 'image-check/image-check.lambda', 'registry/blob-mounting.lambda', 'one-off-task/one-off-task.lambda', 'scanning/scan-gate.lambda',
  'traffic-shift/traffic-shift.lambda', 'federation/federation.lambda', 'google/artifact-repository.lambda', 'azure/azure-registry.lambda',
];

/** A bundled handler. */
export interface HandlerBundle {
  /** The content of its asset: each file by name. */
  readonly files: Readonly<Record<'index.js' | 'NOTICE', string>>;
  /** All source files, relative to the project. */
  readonly inputs: string[];
  /** What it requires at run time. */
  readonly required: string[];
  readonly packages: BundledPackage[];
}

/** Bundles a handler. The same sources give the same bytes, in any folder. */
export function bundleHandler(handler: string): HandlerBundle {
  const { outputFiles: [code], metafile } = buildSync({
    absWorkingDir: PROJECT, entryPoints: [`src/${handler}.ts`], bundle: true, minify: true, platform: 'node', target: 'node22', format: 'cjs',
    outfile: `assets/${handler}/index.js`, write: false, metafile: true,
  });
  const inputs = Object.keys(metafile.inputs);
  const packages = bundledPackages(inputs, PROJECT);
  const required = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(each => each.path));
  return { files: { 'index.js': code.text, 'NOTICE': noticeOf(packages) }, inputs, required, packages };
}
