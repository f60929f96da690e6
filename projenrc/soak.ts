import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

const MUTATION_MINUTES = 10;

/** `npx projen soak`: random faults and random mutants for minutes, from seeds that are printed. Not a part of the tests. */
export class Soak extends Component {
  constructor(project: NodeProject) {
    super(project);
    const soak = project.addTask('soak', {
      description: 'Copy random images through random faults (--minutes 5, --seed and --runs repeat a run), then try random mutants',
      env: { TSX_TSCONFIG_PATH: 'test/tsconfig.json' },
      exec: 'tsx test/soak/soak.ts',
      receiveArgs: true,
    });
    soak.exec(`node test/mutation/mutate.mjs --minutes ${MUTATION_MINUTES}`);
  }
}
