import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { LoopResults, LoopSample, WAYS, loopChart, report } from './tables';
import { LocalDeployment } from '../../local/cdk';
import { LocalCloud, PROJECT, REGION } from '../../local/cloud';
import { Display, show } from '../../local/display';
import { HELLO } from '../../local/hello';
import { ask, freePort, run, say, step } from '../../local/process';
import { loadBalancers } from '../../local/urls';
import { conditions } from '../machine/conditions';
import { publishSection } from '../page';

const ROUNDS = 5;
const QUIET = 0.5;
const DEVELOPMENT = { 'cdk-container-delivery:development': 'true' };
/** The maximum time between the end of the command and the answer. */
const GRACE_SECONDS = 30;

/** A way from an edited file to the answer of a new container. */
interface Way {
  readonly name: string;
  /** The folder with the Dockerfile. */
  readonly folder: string;
  readonly deploy: () => Promise<unknown>;
  readonly url: () => Promise<string>;
}

/** One stack of `app.ts`, without the others of its app. */
class LoopDeployment extends LocalDeployment {
  constructor(cloud: LocalCloud, private readonly stack: string, route: string, app: string, context: Record<string, string> = {}) {
    super(cloud, 'bench/loop/app.ts', { stack, route, app, ...context });
  }

  update(...flags: string[]): Promise<string> {
    return this.cdk('deploy', this.stack, '--exclusively', '--require-approval', 'never', '--method', 'direct', '--progress', 'events', ...flags);
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { rounds: { type: 'string', default: String(ROUNDS) }, out: { type: 'string' }, render: { type: 'boolean', default: false } },
  });
  const rounds = Number(values.rounds);
  const out = values.out ?? (rounds >= ROUNDS || values.render ? 'docs' : '.bench');
  const file = path.join(out, 'benchmarks', 'loop.json');
  if (!values.render) {
    const results = await series(rounds);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(results, undefined, 1)}\n`);
  }
  const stored = JSON.parse(readFileSync(file, 'utf8')) as LoopResults;
  writeFileSync(file.replace(/json$/, 'svg'), loopChart(stored));
  const page = publishSection(out, 'loop', report(stored));
  say(`${page} and ${file} are written`);
}

async function series(rounds: number): Promise<LoopResults> {
  const began = performance.now();
  // The cloud of the demo, because the demo is measured too.
  const cloud = new LocalCloud('demo', HELLO.baseImage, { python: path.join(PROJECT, '.bench') });
  const compose = ask('docker', ['compose', 'version', '--short']);
  const before = conditions({
    'aws-cdk': ask(process.execPath, [path.join(PROJECT, 'node_modules', 'aws-cdk', 'bin', 'cdk'), '--version']).out,
    'Docker engine': ask('docker', ['version', '--format', '{{.Server.Version}}']).out,
    'Docker Compose': compose.ok ? compose.out : 'not installed; instead, docker build and docker run',
  });
  if (before.loadBefore > QUIET) say(`The machine is busy (load average ${before.loadBefore}): do not publish these figures.`);
  await cloud.stop();
  show(new Display('steps', path.join(PROJECT, '.bench', 'loop.log')));
  try {
    await cloud.start();
    await new LocalDeployment(cloud, HELLO.app).bootstrap();
    const ways = await prepare(cloud, compose.ok);
    const samples: LoopSample[] = [];
    for (let round = 1; round <= rounds; round++) {
      const first = (round - 1) % ways.length;
      for (const way of [...ways.slice(first), ...ways.slice(0, first)]) {
        const sample = { way: way.name, round, ...await step(`${round}/${rounds}  ${way.name}`, () => measure(way, round)) };
        say(`    answers after ${sample.answerSeconds.toFixed(1)} s`);
        samples.push(sample);
      }
    }
    const order = ways.map(({ name }) => name);
    samples.sort((one, other) => order.indexOf(one.way) - order.indexOf(other.way) || one.round - other.round);
    const minutes = Math.round((performance.now() - began) / 6000) / 10;
    return { conditions: { ...before, minutes, loadAfter: Math.round(loadavg()[0] * 100) / 100 }, rounds, samples };
  } finally {
    ask('docker', ['rm', '--force', 'loop-bench'], cloud.env);
    await cloud.stop();
  }
}

/** Deploys everything once, so that the first edit finds the caches of Docker and CDK filled. */
async function prepare(cloud: LocalCloud, compose: boolean): Promise<Way[]> {
  const folderOf = (name: string) => path.join(cloud.folder, 'loop', name);
  const stackWays = async (stack: string, route: string, names: Record<string, readonly string[]>, context = {}): Promise<Way[]> => {
    const folder = copyApp(folderOf(stack));
    const deployment = new LoopDeployment(cloud, stack, route, folder, context);
    await deployment.deploy(`first deployment of ${stack}`);
    const url = await balancerUrl(cloud, stack);
    return Object.entries(names).map(([name, flags]) => ({ name, folder, deploy: () => deployment.update(...flags), url: async () => url }));
  };
  const demoFolder = copyApp(folderOf('Demo'));
  const hello = new LocalDeployment(cloud, HELLO.app, { app: demoFolder });
  await hello.deploy('first deployment of the demo');
  const helloUrl = await balancerUrl(cloud, 'Hello');
  // Through npm, like users.
  const demo = () => run('npm', ['run', 'demo', '--silent'], { cwd: PROJECT, env: { ...process.env, DEMO_APP: demoFolder } });
  return [
    ...await stackWays('Plain', 'plain', { [WAYS.plainHotswap]: ['--hotswap'], [WAYS.plainFull]: [] }),
    ...await stackWays('Direct', 'direct', { [WAYS.directHotswap]: ['--hotswap'], [WAYS.directFull]: [] }),
    ...await stackWays('Development', 'copy', { [WAYS.developmentHotswap]: ['--hotswap'] }, DEVELOPMENT),
    ...await stackWays('Copy', 'copy', { [WAYS.copyFull]: [] }),
    { name: WAYS.bare, folder: demoFolder, deploy: () => hello.deploy(), url: async () => helloUrl },
    { name: WAYS.demo, folder: demoFolder, deploy: demo, url: async () => helloUrl },
    await withoutCloud(cloud, copyApp(folderOf('Docker')), compose),
  ];
}

function copyApp(folder: string): string {
  rmSync(folder, { recursive: true, force: true });
  cpSync(path.join(PROJECT, HELLO.folder), folder, { recursive: true });
  return folder;
}

/** The address of a load balancer does not change, and the ports of the containers do. */
async function balancerUrl(cloud: LocalCloud, stack: string): Promise<string> {
  const found = (await loadBalancers(cloud.env, REGION)).find(({ name }) => name.toLowerCase().startsWith(`${stack.toLowerCase()}-`));
  if (!found) throw new Error(`there is no load balancer of ${stack}`);
  return `${cloud.env.AWS_ENDPOINT_URL}/_alb/${found.name}/`;
}

/** The lower bound: without CDK and cloud. */
async function withoutCloud(cloud: LocalCloud, folder: string, compose: boolean): Promise<Way> {
  const port = await freePort();
  const env = cloud.env;
  const docker = (...args: string[]) => run('docker', args, { env, cwd: folder });
  const label = `local-cloud=${cloud.name}`;
  writeFileSync(path.join(folder, 'compose.yaml'), `services:\n  web:\n    build: .\n    ports: ["127.0.0.1:${port}:8080"]\n    labels: ["${label}"]\n`);
  const deploy: () => Promise<unknown> = compose
    ? () => docker('compose', '--project-name', 'loop-bench', 'up', '--build', '--detach')
    : async () => {
      await docker('build', '--quiet', '--label', label, '--tag', 'loop-bench', '.');
      ask('docker', ['rm', '--force', 'loop-bench'], env);
      await docker('run', '--detach', '--name', 'loop-bench', '--label', label,
        '--network', `local-cloud-${cloud.name}`, '--publish', `127.0.0.1:${port}:8080`,
        'loop-bench');
    };
  await step('first start with Docker alone', deploy);
  return { name: compose ? '`docker compose up --build`' : '`docker build` and `docker run`', folder, deploy, url: async () => `http://127.0.0.1:${port}/` };
}

/** Edits the page, deploys, and sends requests until the answer contains the edit. */
async function measure({ name, folder, deploy, url }: Way, round: number): Promise<Pick<LoopSample, 'answerSeconds' | 'commandSeconds'>> {
  const text = `<h1>${name} ${round} ${Date.now()}</h1>\n`;
  const address = await url();
  const began = performance.now();
  const seconds = () => Math.round(performance.now() - began) / 1000;
  writeFileSync(path.join(folder, 'index.html'), text);
  let ended: number | undefined;
  const command = deploy().then(() => seconds()).finally(() => { ended = seconds(); });
  command.catch(() => undefined);
  let answerSeconds: number | undefined;
  while (answerSeconds === undefined && (ended === undefined || seconds() - ended < GRACE_SECONDS)) {
    const page = await fetch(address).then((answer) => answer.text(), () => '');
    if (page === text) answerSeconds = seconds();
    else await sleep(25);
  }
  const commandSeconds = await command;
  if (answerSeconds === undefined) throw new Error(`${name}: nothing answers with the edit. The log is in .bench/loop.log`);
  return { answerSeconds, commandSeconds };
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  process.exit(1);
});
