import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

/** Bundles the copy handler into `assets/`, where both `src/` and the compiled `lib/` find it. */
export class CopyHandlerBundle extends Component {
  constructor(project: NodeProject) {
    super(project);
    project.addDevDeps('esbuild@0.28.2');
    const bundle = project.addTask('bundle', {
      description: 'Bundle the copy handler (deterministic: same source, same bytes)',
      exec: [
        'esbuild src/copy/image-copy.lambda.ts',
        '--bundle --minify --platform=node --target=node22 --format=cjs',
        '--outfile=assets/copy/image-copy.lambda/index.js',
      ].join(' '),
    });
    project.preCompileTask.spawn(bundle);
    project.addGitIgnore('/assets/');
    project.npmignore?.include('/assets/');
  }
}
