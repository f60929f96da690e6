import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

/** Handlers of custom resources, as folders of `src` and `assets` with the names of their files. */
const HANDLERS = [
  'copy/image-copy.lambda', 'image-check/image-check.lambda', 'registry/blob-mounting.lambda', 'run-once/run-once.lambda', 'scanning/scan-gate.lambda',
];

/** Bundles the handlers into `assets/`, where both `src/` and the compiled `lib/` find them. */
export class HandlerBundles extends Component {
  constructor(project: NodeProject) {
    super(project);
    project.addDevDeps('esbuild@0.28.2');
    const bundle = project.addTask('bundle', { description: 'Bundle the handlers (deterministic: same source, same bytes)' });
    for (const handler of HANDLERS) {
      bundle.exec([
        `esbuild src/${handler}.ts`,
        '--bundle --minify --platform=node --target=node22 --format=cjs',
        `--outfile=assets/${handler}/index.js`,
      ].join(' '));
    }
    project.preCompileTask.spawn(bundle);
    project.addGitIgnore('/assets/');
    project.npmignore?.include('/assets/');
  }
}
