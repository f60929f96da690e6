import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

const MUTATION_MINUTES = 10;

// CI decides about a change, so it always tries the same cases, and as many sweeps as the time allows. Other seeds are used by hand and every night.
const FAULTS = ['--seed', '1', '--runs', '300'];
// The order of this seed begins with short files.
const SWEEPS = ['--seed', '12', '--minutes', '1'];

/** `npx projen soak` and its parts: minutes or hours of faults and mutants. Random values come from seeds that are printed. */
export class Soak extends Component {
  constructor(project: NodeProject) {
    super(project);
    const faults = project.addTask('soak:faults', {
      description: 'Copy random images through random faults (--minutes 5, --seed and --runs repeat a run)',
      env: { TSX_TSCONFIG_PATH: 'test/tsconfig.json' },
      exec: 'tsx test/soak/soak.ts',
      receiveArgs: true,
    });
    const sweeps = project.addTask('soak:sweeps', {
      description: 'The tests of "exhaustive", or with --minutes 1 as many as there is time for (--seed repeats their order), after "npx projen bundle"',
      exec: 'node test/soak/sweeps.mjs',
      receiveArgs: true,
    });
    project.addTask('soak:minute', {
      description: 'Random faults for about a minute, always the same, as CI does',
      steps: [{ spawn: faults.name, args: FAULTS }],
    });
    project.addTask('sweeps:minute', {
      description: 'Tests of "exhaustive" for a minute, always in the same order, as CI does',
      steps: [{ spawn: sweeps.name, args: SWEEPS }],
    });
    const exhaustive = project.addTask('exhaustive', {
      description: 'The fault sweeps with every request, fault and input, of which the unit tests try one of each kind',
      steps: [{ spawn: 'bundle' }, { spawn: sweeps.name }],
    });
    const soak = project.addTask('soak', { description: 'Random faults for 5 minutes, all fault sweeps, then random mutants for 10 minutes' });
    soak.spawn(faults);
    soak.spawn(exhaustive);
    soak.exec(`node test/mutation/mutate.mjs --minutes ${MUTATION_MINUTES}`);
  }
}
