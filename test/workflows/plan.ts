import { changeOf, CommandChange } from './commands';
import { Job, Step } from './workflow';

/** How a step runs in the container. */
export interface PlannedStep {
  readonly name: string;
  /** A script for bash. Without it, the step does not run. */
  readonly script?: string;
  readonly env: Record<string, string>;
  readonly workingDirectory?: string;
  /** What differs from GitHub, or why the step does not run. */
  readonly note?: string;
}

export interface PlannedJob {
  readonly job: Job;
  readonly steps: readonly PlannedStep[];
  /** Why the job does not run. */
  readonly notRun?: string;
}

interface Action {
  /** The options that the stand-in knows. */
  readonly options: readonly string[];
  readonly note: string;
  /** What runs instead. Without it, nothing does. */
  script?(options: Record<string, string>, job: Job): string;
}

const MACHINES: Record<string, string | undefined> = {
  'ubuntu-latest': undefined,
  'macos-latest': 'there is no macOS here',
  'windows-latest': 'there is no Windows here',
};

const TOOLS = '/opt/hostedtoolcache';

/** What runs instead of each action. As on GitHub, a step writes variables into $GITHUB_ENV, and folders with programs into $GITHUB_PATH. */
const ACTIONS: Record<string, Action> = {
  'actions/checkout@v6': {
    options: ['fetch-depth', 'persist-credentials'],
    note: 'fetches the last commit of this clone',
    script: ({ 'fetch-depth': depth = '1' }) => [
      'git init --quiet . && git remote add origin "$GITHUB_SERVER_URL/$GITHUB_REPOSITORY"',
      depth === '0'
        ? 'git fetch --quiet file:///srv/repository.git "+refs/heads/*:refs/remotes/origin/*" "+refs/tags/*:refs/tags/*"'
        : `git fetch --quiet --no-tags --depth=${depth} file:///srv/repository.git "+$GITHUB_REF:\${GITHUB_REF/heads/remotes\\/origin}"`,
      'case "$GITHUB_REF" in',
      '  refs/heads/*) git checkout --quiet --force -B "$GITHUB_REF_NAME" "refs/remotes/origin/$GITHUB_REF_NAME" ;;',
      '  *) git checkout --quiet --force "$GITHUB_REF" ;;',
      'esac',
    ].join('\n'),
  },
  'actions/setup-node@v6': {
    options: ['node-version', 'cache'],
    note: 'Node.js from the npm package "node"; no cache',
    script: ({ 'node-version': version, cache }) => [
      ...cache ? ['test -f package-lock.json'] : [],
      `echo ${TOOLS}/node/${version}/bin >> "$GITHUB_PATH"`,
      `${TOOLS}/node/${version}/bin/node --version`,
    ].join('\n'),
  },
  'actions/setup-python@v6': {
    options: ['python-version'],
    note: 'Python 3.11 of Debian',
    // As in the Pythons of this action, pip may install packages.
    script: () => 'echo PIP_BREAK_SYSTEM_PACKAGES=1 >> "$GITHUB_ENV"\npython3 --version',
  },
  'actions/setup-java@v5': {
    options: ['distribution', 'java-version'],
    note: 'Java 17 of Debian',
    script: () => 'echo JAVA_HOME=/usr/lib/jvm/default-java >> "$GITHUB_ENV"\njava -version',
  },
  'actions/setup-go@v6': {
    options: ['go-version', 'cache'],
    note: 'Go of this machine',
    script: ({ 'go-version': version }) => `echo ${TOOLS}/go/bin >> "$GITHUB_PATH"\n${TOOLS}/go/bin/go version | grep --fixed-strings "go${version}."`,
  },
  'actions/setup-dotnet@v5': { options: ['dotnet-version'], note: 'Debian has no .NET SDK' },
  'actions/upload-artifact@v5': {
    options: ['name', 'path'],
    note: 'copies into a folder',
    script: ({ name, path }) => `rm -rf "/srv/artifacts/${name}" && mkdir "/srv/artifacts/${name}" && cp --recursive "${path}" "/srv/artifacts/${name}/"`,
  },
  'actions/download-artifact@v6': {
    options: ['name'],
    note: 'copies from a folder',
    script: ({ name }) => `cp --recursive "/srv/artifacts/${name}/." .`,
  },
  'peter-evans/create-pull-request@v7': {
    options: ['branch', 'commit-message', 'title'],
    note: 'prints the changes of the pull request',
    script: ({ branch, 'commit-message': message }) => [
      `git checkout --quiet -b "${branch}" && git add --all && git status --short`,
      `git -c user.name=runner -c user.email=runner@localhost commit --allow-empty --quiet --message "${message}" && git show --stat`,
    ].join('\n'),
  },
};

export function planJob(job: Job): PlannedJob {
  if (!(job.machine in MACHINES)) throw new Error(`${job.id}: the machine "${job.machine}" has no stand-in. Add it to test/workflows/plan.ts.`);
  const notRun = job.calls ? `it runs the jobs of the workflow "${job.calls}"` : MACHINES[job.machine];
  return { job, notRun, steps: job.steps.map(step => step.uses === undefined ? planCommand(job, step) : planAction(job, step, step.uses)) };
}

function planAction(job: Job, { name, uses, with: options, env }: Step, action: string): PlannedStep {
  const standIn = ACTIONS[action];
  if (!standIn) throw new Error(`${job.id}: the action "${uses}" has no stand-in. Add it to test/workflows/plan.ts.`);
  const unknown = Object.keys(options).find(option => !standIn.options.includes(option));
  if (unknown) throw new Error(`${job.id}: the stand-in of "${uses}" does not know the option "${unknown}". Add it to test/workflows/plan.ts.`);
  return { name, env, note: standIn.note, script: standIn.script?.(options, job) };
}

function planCommand(job: Job, { name, run = '', env, workingDirectory }: Step): PlannedStep {
  const change: CommandChange = changeOf(run, job.id);
  if (change.notRun) return { name, env, note: change.notRun };
  const [from, to] = change.replace ?? ['', ''];
  return { name, workingDirectory, env: { ...env, ...change.env }, note: change.note, script: `${change.before ?? ''}${run.replace(from, to)}` };
}
