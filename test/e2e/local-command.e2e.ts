import { ChildProcess, execFileSync, spawn, spawnSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { setTimeout as sleep } from 'timers/promises';
import { leftovers } from './story';
import { LocalCloud, PROJECT } from '../../local/cloud';
import { HELLO } from '../../local/hello';
import { ask } from '../../local/process';
import { RESOURCE_TYPES } from '../../local/resource-types';
import { emulatedTypes } from '../../local/types';
import { writeLocalCommand } from '../../projenrc/local-command';
import { writeProject } from '../helpers/lock-file';

// A user who has an app, the packed library and the packed command, and nothing else of this project.
const APP = `
import { App, CfnOutput, CfnResource, Stack } from 'aws-cdk-lib';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { Exposure, FargateService, ImageRepository } from 'cdk-container-delivery';

const app = new App();
const stack = new Stack(app, 'Web', { env: { account: '111122223333', region: 'eu-west-1' } });
const vpc = app.node.tryGetContext('lookup') ? Vpc.fromLookup(stack, 'Vpc', { isDefault: true }) : new Vpc(stack, 'Vpc', { natGateways: 1 });
const image = new ImageRepository(stack, 'Repository').buildAndPushImage('./app');
const service = new FargateService(stack, 'Service', {
  cluster: new Cluster(stack, 'Cluster', { vpc }), containers: { web: { image, port: 8080 } }, exposure: Exposure.publicHttp(),
});
new CfnOutput(stack, 'Endpoint', { value: service.endpoint });
if (app.node.tryGetContext('budget')) new CfnResource(new Stack(app, 'Cost'), 'Budget', { type: 'AWS::Budgets::Budget' });
`;
const WATCH = { include: ['**'], exclude: ['cdk*.json', 'cdk.out/**', '**/node_modules/**'] };

const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'stranger-')));
const root = path.join(folder, 'web app');
const state = path.join(folder, 'state', 'cdk-container-delivery-local');
const page = path.join(root, 'app', 'index.html');
// Also installs the engine, the base image, and the Python environment of the command.
const cloud = new LocalCloud('command', HELLO.baseImage, { home: path.join(folder, 'clouds'), owner: folder, python: state });
let address = '';

const environment = (): NodeJS.ProcessEnv => ({ ...process.env, XDG_STATE_HOME: path.join(folder, 'state'), DOCKER_HOST: cloud.env.DOCKER_HOST });
const bin = path.join(root, 'node_modules', '.bin', 'cdk-container-delivery-local');

function command(...args: string[]) {
  const { status, stdout, stderr } = spawnSync(bin, args, { cwd: root, env: environment(), encoding: 'utf8' });
  return { status, lines: stdout.split('\n').filter(line => line !== ''), stdout, stderr };
}

async function until<T>(seconds: number, what: string, probe: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (const end = Date.now() + seconds * 1000; Date.now() < end; await sleep(200)) {
    const found = await probe();
    if (found !== undefined) return found;
  }
  throw new Error(`${what}: not after ${seconds} s`);
}

/** The page behind the load balancer. Not every resolver knows its name below localhost, so the emulator gets it as a path. */
function answer(): Promise<string> {
  const { hostname, port } = new URL(address);
  return fetch(`http://127.0.0.1:${port}/_alb/${hostname.replace('.alb.localhost', '')}/`).then(response => response.text(), () => '');
}

// Like the other tests of the local cloud: skipped without Docker, and in CI a failure. As root, the engine can be installed.
const possible = process.env.CI !== undefined || process.getuid?.() === 0 || ask('docker', ['version']).ok;
const promise = possible ? test : test.skip;

/** The resources that existed before. */
let others: string[];

beforeAll(async () => {
  if (!possible) return;
  const run = (program: string, args: string[], cwd: string) => execFileSync(program, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  await cloud.start();
  others = inEngine();
  fs.cpSync(path.join(PROJECT, HELLO.folder), path.join(root, 'app'), { recursive: true });
  fs.writeFileSync(path.join(root, 'app.ts'), APP);
  fs.writeFileSync(path.join(root, 'cdk.json'), JSON.stringify({ app: 'npx tsx app.ts', watch: WATCH }));
  writeProject(root, ['aws-cdk-lib', 'constructs', 'aws-cdk', 'tsx']);
  writeLocalCommand(path.join(folder, 'package'));
  const tarballs = [PROJECT, path.join(folder, 'package')].map(source => (
    path.join(folder, JSON.parse(run('npm', ['pack', '--json', '--silent', '--ignore-scripts', '--pack-destination', folder], source))[0].filename)
  ));
  run('npm', ['install', '--silent', '--no-audit', '--no-fund', '--prefer-offline', ...tarballs], root);
});
afterAll(async () => {
  if (fs.existsSync(bin)) command('--destroy');
  await cloud.stop();
  fs.rmSync(folder, { recursive: true, force: true });
});

promise('the table of supported types matches the emulator', () => {
  expect(emulatedTypes(path.join(state, 'python', 'bin', 'python'))).toEqual(RESOURCE_TYPES);
});

promise('resources that the local cloud cannot deploy or look up are reported before anything starts', () => {
  const unsupported = command('-c', 'budget=true');
  expect(unsupported.status).toBe(1);
  expect(unsupported.stderr).toMatch(/cannot deploy these resources:\n {2}AWS::Budgets::Budget: Cost\/Budget\n/);

  const lookup = command('-c', 'lookup=true');
  expect(lookup.status).toBe(1);
  expect(lookup.stderr).toMatch(/The app looks up resources of an AWS account, and the local cloud has none: vpc-provider:/);
  expect(fs.existsSync(path.join(root, 'cdk.context.json'))).toBe(false);
  expect([...unsupported.lines, ...lookup.lines].join()).not.toMatch(/Emulator|bootstrap/);
});

promise('one command deploys the app in the folder, and prints at most 30 lines, with a URL that works', async () => {
  // The stack that cannot be deployed is not selected.
  const { status, lines, stdout, stderr } = command('Web', '-c', 'budget=true');

  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(lines.length).toBeLessThanOrEqual(30);
  // eslint-disable-next-line no-control-regex
  expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  expect(lines).toContainEqual(expect.stringMatching(/^ {2}IAM: permissions are not checked \(\d+ resources\)$/));
  address = /Web\.Endpoint {2}(http:\S+)/.exec(stdout)?.[1] ?? '';
  expect(address).toMatch(/^http:\/\/\S+\.alb\.localhost:\d+$/);
  await expect(answer()).resolves.toBe(fs.readFileSync(page, 'utf8'));
});

promise('with --watch, an edited file is hotswapped', async () => {
  let output = '';
  const child: ChildProcess = spawn(bin, ['--watch', 'Web'], { cwd: root, env: environment(), stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', (text: string) => { output += text; });
  const ended = new Promise(resolve => child.on('close', resolve));
  try {
    await until(300, 'watching', () => /^Watching\./m.test(output) && /no changes/.test(output) || undefined);
    fs.writeFileSync(page, '<h1>edited</h1>\n');
    await until(120, 'the edit', async () => await answer() === '<h1>edited</h1>\n' || undefined);
    await until(60, 'the hotswap', () => /hotswapped!/.test(output) || undefined);
  } catch (error) {
    throw new Error(`${(error as Error).message}\n${output}`);
  } finally {
    child.kill('SIGINT');
    await ended;
  }
  expect(output).toContain('What has been started keeps running.');
  await expect(answer()).resolves.toBe('<h1>edited</h1>\n');
});

/** Containers and networks of apps with the name of this app. An interrupted run could have left some. */
function inEngine(): string[] {
  const listed = (list: string[]) => execFileSync('docker', [...list, '--filter', 'label=local-cloud', '--format', '{{.ID}} {{.Label "local-cloud"}}'], {
    encoding: 'utf8', env: environment(),
  }).split('\n').filter(line => line.includes('web-app-'));
  return [...listed(['ps', '--all']), ...listed(['network', 'ls'])];
}

promise('--destroy removes containers, networks, processes and files', async () => {
  const [owner] = fs.readdirSync(state).filter(name => name !== 'python');
  expect(leftovers(path.join(state, owner)).length).toBeGreaterThan(1);

  expect(command('--destroy').status).toBe(0);

  expect(leftovers(path.join(state, owner))).toEqual([]);
  expect(fs.existsSync(state)).toBe(false);
  expect(inEngine().filter(line => !others.includes(line))).toEqual([]);
});

promise('the demo prints at most 30 lines, including those that npm prints', async () => {
  const demo = new LocalCloud('demo', HELLO.baseImage);
  const before = fs.existsSync(demo.folder);
  const run = (...args: string[]) => spawnSync(process.execPath, ['--import', 'tsx', 'local/demo.ts', ...args], {
    cwd: PROJECT, encoding: 'utf8', env: { ...process.env, DOCKER_HOST: cloud.env.DOCKER_HOST, TSX_TSCONFIG_PATH: 'test/tsconfig.json' },
  });
  try {
    const { status, stdout } = run();
    expect(status).toBe(0);
    expect(stdout.trimEnd().split('\n').length + '\n> demo\n> start\n'.split('\n').length).toBeLessThanOrEqual(30);
  } finally {
    if (!before) run('--destroy');
  }
});
