import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

/** `npx projen soak`: random faults for minutes, from a seed that is printed. Not a part of the tests. */
export class Soak extends Component {
  constructor(project: NodeProject) {
    super(project);
    project.addTask('soak', {
      description: 'Copy random images through random faults (--minutes 5, --seed and --runs to play a run again)',
      env: { TSX_TSCONFIG_PATH: 'test/tsconfig.json' },
      exec: 'tsx test/soak/soak.ts',
      receiveArgs: true,
    });
  }
}
