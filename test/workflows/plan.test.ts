import { SECRETS } from './commands';
import { planJob } from './plan';
import { parseWorkflow, readWorkflow, workflowNames } from './workflow';

/** The plan of a workflow with one job, whose YAML text is `job`. */
function planOf(job: string) {
  const lines = job.trim().split('\n').map(line => `    ${line}`).join('\n');
  return parseWorkflow('sample', `on: { push: { branches: [main] } }\njobs:\n  only:\n${lines}`, { TOKEN: 'value' }).jobs.map(planJob);
}

const withSteps = (...steps: string[]) => planOf(`runs-on: ubuntu-latest\nsteps:\n${steps.map(step => `- ${step}`).join('\n')}`);

describe('the workflows of this project', () => {
  test.each(workflowNames())('each step of %s runs in a container, or has a reason why it does not', name => {
    const jobs = readWorkflow(name, SECRETS).jobs.map(planJob);
    expect(jobs.length).toBeGreaterThan(0);
    for (const { job, steps, notRun } of jobs) {
      if (!job.calls) expect(steps.length).toBeGreaterThan(0);
      expect(steps.filter(({ script, note }) => script === undefined && !note)).toEqual([]);
      if (notRun) expect(job.calls ?? job.machine).toMatch(/^(build|macos-latest|windows-latest)$/);
    }
  });

  test('each job of the release runs after the job that packs the sources', () => {
    const ids = readWorkflow('release', SECRETS).jobs.map(({ id }) => id);
    expect(ids.slice(0, 2)).toEqual(['test', 'package']);
    expect(ids.at(-1)).toBe('github');
  });

  test('the steps that do not run are those that need .NET', () => {
    const steps = workflowNames().flatMap(name => readWorkflow(name, SECRETS).jobs.flatMap(job => planJob(job).steps));
    expect(steps.filter(({ script }) => script === undefined).map(({ name }) => name)).toEqual(['actions/setup-dotnet@v5', 'Package', 'Publish']);
  });
});

describe('a workflow', () => {
  test('has one job for each combination of its matrix', () => {
    const jobs = planOf(`
runs-on: \${{ matrix.os }}
strategy: { matrix: { os: [ubuntu-latest, macos-latest], node: ["22", "24"] } }
steps: [{ run: "echo \${{ matrix.node }}" }]`);
    expect(jobs.map(({ job, notRun, steps: [{ script }] }) => [job.id, notRun, script])).toEqual([
      ['only (ubuntu-latest, 22)', undefined, 'echo 22'], ['only (ubuntu-latest, 24)', undefined, 'echo 24'],
      ['only (macos-latest, 22)', 'there is no macOS here', 'echo 22'], ['only (macos-latest, 24)', 'there is no macOS here', 'echo 24'],
    ]);
  });

  test('passes secrets, variables and the working directory to its commands', () => {
    const [{ steps: [step] }] = withSteps('{ run: ls, working-directory: docs, env: { TOKEN: "${{ secrets.TOKEN }}" } }');
    expect(step).toMatchObject({ script: 'ls', workingDirectory: 'docs', env: { TOKEN: 'value' } });
  });

  test('lets a job ask for an identity only with the permission', () => {
    const identity = (permissions: string) => planOf(`runs-on: ubuntu-latest\npermissions: ${permissions}\nsteps: [{ run: ls }]`)[0].job.hasIdentity;
    expect(identity('{ contents: read }')).toBe(false);
    expect(identity('{ id-token: write }')).toBe(true);
  });

  test.each([
    ['an unknown action', 'uses: someone/action@v1', 'the action "someone/action@v1" has no stand-in'],
    ['another version of a known action', 'uses: actions/checkout@v5', 'the action "actions/checkout@v5" has no stand-in'],
    ['an unknown option of an action', 'uses: actions/checkout@v6\n  with: { submodules: true }', 'does not know the option "submodules"'],
    ['a condition', 'run: ls\n  if: failure()', 'the step key "if" is not supported'],
    ['another shell', 'run: ls\n  shell: pwsh', 'the step key "shell" is not supported'],
    ['an unknown secret', 'run: "echo ${{ secrets.OTHER }}"', 'the expression "secrets.OTHER" has no value'],
    ['an expression with an operator', 'run: "echo ${{ matrix.a || 1 }}"', 'the expression "matrix.a || 1" has no value'],
    ['a command that publishes without a stand-in', 'run: npm publish dist/js', 'the command "npm publish dist/js" publishes something'],
    ['a push to Git', 'run: git push origin main', 'publishes something'],
    ['a step without a command', 'name: nothing', 'needs either "run" or "uses"'],
  ])('is refused with %s', (_title, step, message) => {
    expect(() => withSteps(step)).toThrow(message);
  });

  test('is refused with an unknown machine, an unknown workflow, and jobs that need each other', () => {
    expect(() => planOf('runs-on: self-hosted\nsteps: [{ run: ls }]')).toThrow('the machine "self-hosted" has no stand-in');
    expect(() => planOf('uses: ./.github/workflows/other.yml')).toThrow('there is no workflow "./.github/workflows/other.yml"');
    expect(() => planOf('runs-on: ubuntu-latest\nneeds: only\nsteps: [{ run: ls }]')).toThrow('The jobs only need each other.');
  });
});
