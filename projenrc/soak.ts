import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

const MUTATION_MINUTES = 10;

/** Tests that try one case of each kind, or a few random ones, unless `EXHAUSTIVE` is set. See `test/helpers/exhaustive.ts`. */
const SWEEPS = [
  'test/copy/cloudformation/sequences', 'test/copy/engine/shapes.test', 'test/copy/faults/(body-offsets|crash|every-request|many-copies)', 'test/copy/security/memory',
  'test/custom-resource/memory', 'test/registry/blob-mounting-laws',
];

/** `npx projen soak` and what it is made of: minutes or hours of faults and mutants. Random ones come from seeds that are printed. */
export class Soak extends Component {
  constructor(project: NodeProject) {
    super(project);
    const faults = project.addTask('soak:faults', {
      description: 'Copy random images through random faults (--minutes 5, --seed and --runs repeat a run)',
      env: { TSX_TSCONFIG_PATH: 'test/tsconfig.json' },
      exec: 'tsx test/soak/soak.ts',
      receiveArgs: true,
    });
    project.addTask('soak:minute', {
      description: 'Random faults for a minute, as CI does',
      steps: [{ spawn: faults.name, args: ['--minutes', '1'] }],
    });
    const exhaustive = project.addTask('exhaustive', {
      description: 'The fault sweeps with every request, fault and input, of which the unit tests try one of each kind',
      env: { EXHAUSTIVE: 'true' },
      steps: [{ spawn: 'bundle' }, { exec: `jest --ci --testTimeout 600000 ${SWEEPS.map(sweep => `'${sweep}'`).join(' ')}` }],
    });
    const soak = project.addTask('soak', { description: 'Random faults for 5 minutes, all fault sweeps, then random mutants for 10 minutes' });
    soak.spawn(faults);
    soak.spawn(exhaustive);
    soak.exec(`node test/mutation/mutate.mjs --minutes ${MUTATION_MINUTES}`);
  }
}
