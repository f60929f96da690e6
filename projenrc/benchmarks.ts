import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

/** Measurements against other tools: run by hand on a quiet machine, never by a test. */
export class Benchmarks extends Component {
  constructor(project: NodeProject) {
    super(project);
    const tsx = { TSX_TSCONFIG_PATH: 'test/tsconfig.json' };
    const bundle = { spawn: 'bundle' };
    project.addTask('bench:copy', {
      description: 'Copy images side by side with docker, skopeo and cdk-ecr-deployment; --sizes 5,50 --runs 1 for a quick look',
      env: tsx,
      steps: [bundle, { exec: 'tsx bench/copy/main.ts', receiveArgs: true }],
    });
    project.addTask('bench:faults', {
      description: 'One transient fault per copy, side by side with skopeo and cdk-ecr-deployment',
      env: tsx,
      steps: [bundle, { exec: 'tsx bench/faults/main.ts', receiveArgs: true }],
    });
    project.addTask('bench:loop', {
      description: 'Time from an edit to the answer of the new container on the local cloud; --rounds 1 for a quick look, --render for the page only',
      env: tsx,
      steps: [bundle, { exec: 'tsx bench/loop/main.ts', receiveArgs: true }],
    });
    project.addTask('bench:memory', {
      description: 'Copy an image with the CPU share of several memory sizes of Lambda; needs root; --runs 1 for a quick look, --render for the page only',
      env: tsx,
      steps: [bundle, { exec: 'tsx bench/memory/main.ts', receiveArgs: true }],
    });
    // The code that creates pages from results is tested like all other code.
    project.jest?.addTestMatch('<rootDir>/bench/**/*.test.ts');
    project.addGitIgnore('/.bench/');
    project.npmignore?.exclude('/.bench/');
  }
}
