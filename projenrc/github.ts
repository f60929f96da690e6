import { Component, SampleFile, YamlFile } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

const CHECKOUT = { uses: 'actions/checkout@v6', with: { 'persist-credentials': false } };
const ALL_HISTORY = { uses: 'actions/checkout@v6', with: { 'fetch-depth': 0, 'persist-credentials': false } };
const NODE = '24';
const node = (version: string) => ({ uses: 'actions/setup-node@v6', with: { 'node-version': version, 'cache': 'npm' } });
const PYTHON = { uses: 'actions/setup-python@v6', with: { 'python-version': '3.13' } };
const JAVA = { uses: 'actions/setup-java@v5', with: { 'distribution': 'temurin', 'java-version': '21' } };
const GO = { uses: 'actions/setup-go@v6', with: { 'go-version': '1.26', 'cache': false } };
const DOTNET = { uses: 'actions/setup-dotnet@v5', with: { 'dotnet-version': '10.x' } };

const INSTALL = { name: 'Install', run: 'node projenrc/check-lock.mjs && npm ci --no-audit --no-fund' };
const run = (name: string, command: string, env?: Record<string, string>) => ({ name, run: command, ...(env ? { env } : {}) });
const secret = (name: string) => `\${{ secrets.${name} }}`;

/** Registries by jsii target: the tools that publishing needs, its command of publib, and its variables. */
const REGISTRIES: Record<string, { setup: object[]; command: string; env: Record<string, string>; trusted: boolean }> = {
  js: { setup: [], command: 'publib-npm', env: { NPM_DIST_TAG: 'latest', NPM_TRUSTED_PUBLISHER: 'true' }, trusted: true },
  python: { setup: [PYTHON], command: 'publib-pypi', env: { PYPI_TRUSTED_PUBLISHER: 'true' }, trusted: true },
  dotnet: { setup: [DOTNET], command: 'publib-nuget', env: { NUGET_TRUSTED_PUBLISHER: 'true', NUGET_USERNAME: secret('NUGET_USERNAME') }, trusted: true },
  // Maven Central has no trusted publishing.
  java: {
    setup: [JAVA],
    command: 'publib-maven',
    env: {
      MAVEN_SERVER_ID: 'central-ossrh',
      MAVEN_USERNAME: secret('MAVEN_USERNAME'),
      MAVEN_PASSWORD: secret('MAVEN_PASSWORD'),
      MAVEN_GPG_PRIVATE_KEY: secret('MAVEN_GPG_PRIVATE_KEY'),
      MAVEN_GPG_PRIVATE_KEY_PASSPHRASE: secret('MAVEN_GPG_PRIVATE_KEY_PASSPHRASE'),
    },
    trusted: false,
  },
  // The Go module is a separate Git repository.
  go: {
    setup: [GO],
    command: 'publib-golang',
    env: { GIT_USER_NAME: 'github-actions', GIT_USER_EMAIL: 'github-actions@github.com', GITHUB_TOKEN: secret('GO_GITHUB_TOKEN') },
    trusted: false,
  },
};

/**
 * Workflows and community files for GitHub.
 *
 * None of the workflows has run on GitHub yet. `npx projen lint:workflows` checks them, and `npx projen workflows` runs them in containers.
 */
export class GitHubFiles extends Component {
  constructor(project: NodeProject) {
    super(project);
    this.workflow('build', this.build());
    this.workflow('release', this.release());
    this.workflow('nightly', this.nightly());
    this.workflow('upgrade', this.upgrade());
    const runner = { env: { TSX_TSCONFIG_PATH: 'test/tsconfig.json' } };
    project.addTask('lint:workflows', {
      ...runner,
      description: 'Check the workflows of GitHub with actionlint, and print how their steps run in containers. Needs Go',
      steps: [
        { exec: 'go run github.com/rhysd/actionlint/cmd/actionlint@v1.7.12 -color .github/workflows/*.yml' },
        { exec: 'tsx test/workflows/run.ts --plan' },
      ],
    });
    project.addTask('workflows', {
      ...runner,
      description: 'Run the workflows of GitHub in containers (release --job js for one job; --plan prints the steps). Needs Go and a Docker engine, as root',
      exec: 'tsx test/workflows/run.ts',
      receiveArgs: true,
    });
    project.addGitIgnore('/.workflows/');
    project.npmignore?.exclude('/.workflows/');
    new SampleFile(project, '.github/CODEOWNERS', { contents: '* @cdk-container-delivery/maintainers\n' });
  }

  private workflow(name: string, content: object): void {
    new YamlFile(this.project, `.github/workflows/${name}.yml`, { obj: { name, ...content }, committed: true, lineWidth: 0 });
  }

  private build(): object {
    return {
      on: { pull_request: {}, push: { branches: ['main'] }, workflow_call: {} },
      permissions: { contents: 'read' },
      concurrency: { 'group': 'build-${{ github.ref }}', 'cancel-in-progress': true },
      jobs: {
        all: {
          'name': 'everything that decides whether a change lands',
          'runs-on': 'ubuntu-latest',
          'timeout-minutes': 90,
          'steps': [CHECKOUT, node('22'), PYTHON, JAVA, GO, run('Test', 'sudo --preserve-env=PATH,JAVA_HOME bash .ci/run')],
        },
        // This downloads and compiles too much for every run of .ci/run.
        languages: {
          'name': 'programs in Python, Java and Go',
          'runs-on': 'ubuntu-latest',
          'timeout-minutes': 60,
          'steps': [CHECKOUT, node('22'), PYTHON, JAVA, GO, INSTALL, run('Test', 'npx projen languages')],
        },
        remote_builds: {
          'name': 'remote builds with BuildKit',
          'runs-on': 'ubuntu-latest',
          'timeout-minutes': 60,
          'steps': [CHECKOUT, node('22'), PYTHON, GO, INSTALL, run('Test', 'sudo --preserve-env=PATH npx projen e2e:remote-build')],
        },
        platforms: {
          'name': 'unit tests on ${{ matrix.os }} with Node.js ${{ matrix.node }}',
          'runs-on': '${{ matrix.os }}',
          'timeout-minutes': 60,
          'strategy': { 'fail-fast': false, 'matrix': { os: ['ubuntu-latest', 'macos-latest', 'windows-latest'], node: ['22', '24'] } },
          'steps': [
            run('Line endings', 'git config --global core.autocrlf input'), CHECKOUT, node('${{ matrix.node }}'), INSTALL,
            run('Bundle', 'npx projen bundle'), run('Compile', 'npx projen compile'), run('Unit tests', 'npx jest --ci'),
          ],
        },
      },
    };
  }

  private release(): object {
    const publish = Object.fromEntries(Object.entries(REGISTRIES).map(([target, { setup, command, env, trusted }]) => [target, {
      'needs': 'package',
      'runs-on': 'ubuntu-latest',
      'environment': 'release',
      'permissions': trusted ? { 'contents': 'read', 'id-token': 'write' } : { contents: 'read' },
      'steps': [
        { uses: 'actions/setup-node@v6', with: { 'node-version': NODE } }, ...setup,
        { uses: 'actions/download-artifact@v6', with: { name: 'source' } },
        run('Unpack', 'tar --extract --file source.tar && rm source.tar'), INSTALL,
        run('Package', `npx jsii-pacmak --verbose --rosetta-tablet .jsii.tabl.json --target ${target}${target === 'go' ? ' --code-only' : ''}`),
        ...target === 'go' ? [run('Versions', 'node projenrc/tidy-go.mjs dist/go/cdkcontainerdelivery')] : [],
        run('Publish', `npx --yes -p publib@0.2.1061 ${command} dist/${target}`, env),
      ],
    }]));
    return {
      on: { push: { tags: ['v*.*.*'] } },
      permissions: { contents: 'read' },
      concurrency: { 'group': 'release', 'cancel-in-progress': false },
      jobs: {
        test: { uses: './.github/workflows/build.yml', permissions: { contents: 'read' } },
        package: {
          'needs': 'test',
          'runs-on': 'ubuntu-latest',
          'steps': [
            ALL_HISTORY, { uses: 'actions/setup-node@v6', with: { 'node-version': NODE } }, INSTALL,
            run('Version of the tag', 'npm version --no-git-tag-version "${GITHUB_REF_NAME#v}"'),
            run('Bundle', 'npx projen bundle'), run('Compile', 'npx projen compile'), run('Examples', 'npx projen rosetta'),
            run('Pack the sources', 'tar --create --file source.tar --exclude=node_modules --exclude=.git --exclude=source.tar .'),
            { uses: 'actions/upload-artifact@v5', with: { name: 'source', path: 'source.tar' } },
          ],
        },
        ...publish,
        github: {
          'needs': Object.keys(REGISTRIES),
          'runs-on': 'ubuntu-latest',
          'permissions': { contents: 'write' },
          'steps': [
            ALL_HISTORY, { uses: 'actions/setup-node@v6', with: { 'node-version': NODE } },
            run('Notes', 'node projenrc/changelog.mjs "$GITHUB_REF_NAME" > notes.md'),
            run('Release', 'gh release create "$GITHUB_REF_NAME" --notes-file notes.md --title "$GITHUB_REF_NAME"', { GH_TOKEN: '${{ github.token }}' }),
          ],
        },
      },
    };
  }

  private nightly(): object {
    return {
      on: { schedule: [{ cron: '17 3 * * *' }], workflow_dispatch: {} },
      permissions: { contents: 'read' },
      jobs: {
        newest: {
          'name': 'unit tests with the newest aws-cdk-lib',
          'runs-on': 'ubuntu-latest',
          'timeout-minutes': 60,
          'steps': [CHECKOUT, node(NODE), run('Test', 'npx --yes projen@0.103.25 test:newest-cdk')],
        },
        soak: {
          'name': 'random faults from new seeds, and all fault sweeps',
          'runs-on': 'ubuntu-latest',
          'timeout-minutes': 120,
          'steps': [
            CHECKOUT, node(NODE), INSTALL,
            run('Faults', 'npx projen soak:faults --minutes 30'),
            run('Sweeps', 'npx projen exhaustive'),
          ],
        },
      },
    };
  }

  private upgrade(): object {
    return {
      on: { schedule: [{ cron: '0 5 * * 1' }], workflow_dispatch: {} },
      permissions: { contents: 'read' },
      jobs: {
        upgrade: {
          'runs-on': 'ubuntu-latest',
          'permissions': { 'contents': 'write', 'pull-requests': 'write' },
          'steps': [
            CHECKOUT, node(NODE), INSTALL,
            // Ranges stay unchanged. Pinned versions and the peers are changed by hand, with reasons.
            run('Upgrade', 'npm update --no-audit --no-fund && node projenrc/check-lock.mjs'),
            {
              uses: 'peter-evans/create-pull-request@v7',
              with: { 'branch': 'upgrade-dependencies', 'commit-message': 'chore(deps): upgrade dependencies', 'title': 'chore(deps): upgrade dependencies' },
            },
          ],
        },
      },
    };
  }
}
