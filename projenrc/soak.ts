import * as fs from 'fs';
import * as path from 'path';
import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

const MUTATION_MINUTES = 10;

/** Tests that try one case of each kind, or a few random ones, unless `EXHAUSTIVE` is set. See `test/helpers/exhaustive.ts`. */
function sweeps(): string[] {
  const tests = fs.readdirSync('test', { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.test.ts')).map(file => path.join('test', file));
  return tests.filter(file => fs.readFileSync(file, 'utf8').includes("/helpers/exhaustive';")).sort();
}

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
      steps: [{ spawn: 'bundle' }, { exec: `jest --ci --testTimeout 600000 --runTestsByPath ${sweeps().join(' ')}` }],
    });
    const soak = project.addTask('soak', { description: 'Random faults for 5 minutes, all fault sweeps, then random mutants for 10 minutes' });
    soak.spawn(faults);
    soak.spawn(exhaustive);
    soak.exec(`node test/mutation/mutate.mjs --minutes ${MUTATION_MINUTES}`);
  }
}
