import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

/** Bundles the handlers into `assets/`, where both `src/` and the compiled `lib/` find them. */
export class HandlerBundles extends Component {
  constructor(project: NodeProject) {
    super(project);
    project.addDevDeps('esbuild@0.28.2');
    const bundle = project.addTask('bundle', {
      description: 'Bundle the handlers with the licenses of what they contain (deterministic: same source, same bytes)',
      env: { TSX_TSCONFIG_PATH: 'test/tsconfig.json' },
      exec: 'tsx projenrc/bundle-handlers.ts',
    });
    project.preCompileTask.spawn(bundle);
    for (const bundled of ['/assets/', '/NOTICE']) {
      project.addGitIgnore(bundled);
      project.npmignore?.include(bundled);
    }
  }
}
