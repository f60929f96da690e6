import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Outputs } from './cdk';
import { LocalCloud, Place } from './cloud';
import { Compatibility, compatibilityOf } from './compatibility';
import { Display, Mode, display, show } from './display';
import { MissingTool, installNothing, step } from './process';
import { LocalUrl, containerUrls, loadBalancers, localOutputs } from './urls';
import { UsageError, UserApp, placeOf, requireWatch, templatesOf } from './user-app';

const NAME = 'cdk-container-delivery-local';
const HELP = `Deploys the CDK app in this folder to a local cloud: an emulator of AWS, with tasks in Docker.

Usage: npx ${NAME} [STACK ...] [options]

  STACK                stacks to deploy, as for \`cdk deploy\` (default: all)
  --watch              also watch files: \`cdk watch\` in development mode, until Ctrl-C
  -c, --context K=V    a context value, as for \`cdk deploy\`; can be repeated
  --destroy            remove containers, networks, images, the emulator and its files
  --verbose            show all output
  --quiet              show addresses and errors only
  -h, --help           show this text

The local cloud runs until --destroy or a restart of this machine. Needs Docker, Python 3.10 or newer, and the CDK CLI.`;

const DEVELOPMENT = 'cdk-container-delivery:development=true';
const REMOVE = `Remove everything: npx ${NAME} --destroy`;

async function main(args: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args, allowPositionals: true, options: {
      watch: { type: 'boolean' }, destroy: { type: 'boolean' }, verbose: { type: 'boolean' }, quiet: { type: 'boolean' },
      context: { type: 'string', short: 'c', multiple: true }, help: { type: 'boolean', short: 'h' },
    },
  });
  if (values.help) return void process.stdout.write(`${HELP}\n`);
  const wrong = (values.context ?? []).find((value) => !/^[^=]+=/.test(value));
  if (wrong !== undefined) throw new UsageError(`'${wrong}' is not a context value. Write -c KEY=VALUE.`);
  if (process.platform === 'win32') throw new UsageError('Windows is not supported. Run the command in the Windows Subsystem for Linux.');
  installNothing();

  const root = fs.realpathSync(process.cwd());
  const home = stateFolder();
  const cloud = cloudOf(root, home);
  const mode: Mode = values.verbose ? 'verbose' : values.quiet ? 'quiet' : 'steps';
  if (values.destroy) {
    show(new Display(mode));
    await step('Removing the local cloud of this app', () => cloud.stop());
    removeUnused(home);
    return;
  }
  const context = [...values.context ?? [], ...values.watch ? [DEVELOPMENT] : []];
  const app = new UserApp(cloud, root, { stacks: positionals, context });
  if (values.watch) requireWatch(root);
  show(new Display(mode, path.join(cloud.folder, 'last-run.log')));

  const stacks = await step('cdk synth', () => app.synthesize());
  const place = placeOf(stacks);
  report(compatibilityOf(templatesOf(stacks)));
  await cloud.start(place);
  await app.bootstrapAll(place);
  const outputs = await app.deployAll();
  for (const { title, url } of await urlsOf(app, cloud, place, outputs)) display().result(`  ${title}  ${url}`);
  if (values.watch) await watch(app, cloud);
  display().say(`The local cloud keeps running. ${REMOVE}`);
}

/** Reports features of the app that the local cloud does not have. */
function report({ unsupported, notes }: Compatibility): void {
  if (unsupported.size > 0) {
    const rows = [...unsupported].map(([type, paths]) => `  ${type}: ${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ` and ${paths.length - 3} more` : ''}`);
    throw new UsageError(`The local cloud cannot deploy these resources:\n${rows.slice(0, 15).join('\n')}${rows.length > 15 ? `\n  and ${rows.length - 15} more types` : ''}\n`
      + 'Deploy other stacks by their names, or leave the resources out with a context value: read app.node.tryGetContext(\'local\'), and pass -c local=true.');
  }
  if (notes.length > 0) display().say(`Different from AWS in this app:\n${notes.map((note) => `  ${note}`).join('\n')}`);
}

/** Prints outputs, and the ports of the containers after they are published. */
async function urlsOf(app: UserApp, cloud: LocalCloud, place: Place, outputs: Outputs): Promise<LocalUrl[]> {
  const balancers = (await Promise.all(place.regions.map((region) => loadBalancers(cloud.env, region)))).flat();
  return [...localOutputs(outputs, balancers, cloud.env), ...await publishedPorts(app)];
}

/** Docker publishes a port a moment after the container runs. */
async function publishedPorts(app: UserApp): Promise<LocalUrl[]> {
  let containers = app.runningContainers();
  for (let tries = 0; tries < 20 && containers.some(({ listens, url }) => listens && url === ''); tries++) {
    await sleep(200);
    containers = app.runningContainers();
  }
  return containerUrls(containers);
}

/** The lines of `cdk watch` that are shown. */
const WATCHED = /Detected change|hotswapped|✅|❌|[Ee]rror|failed|non-hotswappable|Could not/;

async function watch(app: UserApp, cloud: LocalCloud): Promise<void> {
  display().say('Watching. A changed file is hotswapped; Ctrl-C ends. In development mode, images are neither copied nor checked.');
  let started = 0;
  const code = await app.watch((line) => {
    if (/Detected change/.test(line)) started = performance.now();
    if (display().mode === 'steps' && WATCHED.test(line)) display().notice(`  ${line.trim()}`);
    if (!/Total time/.test(line) || started === 0) return;
    display().result(`  deployed in ${((performance.now() - started) / 1000).toFixed(1)} s`);
    for (const { title, url } of containerUrls(app.runningContainers())) display().result(`  ${title}  ${url}`);
  });
  if (code !== 0) throw new Error(`cdk watch ended with exit code ${code}. Log: ${path.join(cloud.folder, 'last-run.log')}`);
}

/** The folder of a user for all local clouds. It is outside of the app, because build contexts contain the whole folder of an app. */
function stateFolder(): string {
  return path.join(process.env.XDG_STATE_HOME ?? path.join(os.homedir(), '.local', 'state'), NAME);
}

function cloudOf(root: string, home: string): LocalCloud {
  const slug = path.basename(root).toLowerCase().replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 30) || 'app';
  const owner = createHash('sha256').update(root).digest('hex').slice(0, 8);
  return new LocalCloud(slug, undefined, { home: path.join(home, owner), owner: root, python: home, variables: {} });
}

/** All apps share the Python environment. It is deleted with the last one. */
function removeUnused(home: string): void {
  if (fs.existsSync(home) && fs.readdirSync(home).every((name) => name === 'python')) fs.rmSync(home, { recursive: true });
}

process.on('SIGINT', () => {
  display().stop();
  show(new Display()).say(`\nInterrupted. What has been started keeps running. ${REMOVE}`);
  process.exit(130);
});
main(process.argv.slice(2)).catch((error: unknown) => {
  const usage = error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS');
  const message = error instanceof Error ? error.message : String(error);
  process.stderr.write(`\n${error instanceof MissingTool ? 'Missing: ' : ''}${message}\n${usage ? `\n${HELP}\n` : ''}`);
  process.exitCode = 1;
});
