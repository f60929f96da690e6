import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

/** `npx projen mutate`: changes the code in small ways and expects a test to fail each time. On demand, and in the soak task. */
export class MutationTesting extends Component {
  constructor(project: NodeProject) {
    super(project);
    project.addDevDeps('@stryker-mutator/core@9.6.1', '@stryker-mutator/mocha-runner@9.6.1', 'mocha@11.7.5');
    project.addTask('mutate', {
      description: 'Mutation tests (an area of test/mutation/areas.mjs; --file, --minutes, --static, --tests)',
      exec: 'node test/mutation/mutate.mjs',
      receiveArgs: true,
    });
    project.addGitIgnore('/.mutation/');
    project.npmignore?.exclude('/.mutation/');
  }
}
