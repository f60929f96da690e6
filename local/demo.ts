import * as fs from 'node:fs';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { LocalDeployment } from './cdk';
import { LocalCloud, PROJECT, REGION } from './cloud';
import { Display, Mode, show } from './display';
import { HELLO } from './hello';
import { MissingTool, run, step } from './process';
import { loadBalancers, localOutputs } from './urls';

const NOT_EMULATED = `
Not emulated, so not proven by this run: permissions of IAM · NAT gateways, routes and security groups ·
calls from a container to AWS · TLS and health checks · limits of CPU · CloudFormation's own rollback`;

const REMOVE = 'Remove everything with: npm run demo -- --destroy';

async function main(args: string[]): Promise<void> {
  const { values } = parseArgs({ args, options: { destroy: { type: 'boolean' }, verbose: { type: 'boolean' }, quiet: { type: 'boolean' } } });
  const cloud = new LocalCloud('demo', HELLO.baseImage);
  const mode: Mode = values.verbose ? 'verbose' : values.quiet ? 'quiet' : 'steps';
  const display = show(new Display(mode, path.join(cloud.folder, 'last-run.log')));
  // Without the two hyphens before it, npm consumes the option.
  if (values.destroy || process.env.npm_config_destroy) {
    await step('Removing the containers, processes and files of the demo', () => cloud.stop());
    // An interrupted test leaves its cloud running.
    await new LocalCloud('e2e', HELLO.baseImage).stop();
    return;
  }
  if (bundlesAreOld()) await step('Bundling the Lambda functions', () => run(process.execPath, ['--import', 'tsx', 'projenrc/bundle-handlers.ts'], { cwd: PROJECT }));
  // The benchmark passes a copy that it can change.
  const { DEMO_APP } = process.env;
  const hello = new LocalDeployment(cloud, HELLO.app, DEMO_APP ? { app: DEMO_APP } : {});
  await cloud.start();
  await hello.bootstrap();
  const { outputs } = await hello.deploy();
  const pages = await hello.pages();
  display.say(NOT_EMULATED);
  display.result(`\nRunning: ${pages[0].container.image}`);
  for (const { title, url } of localOutputs(outputs, await loadBalancers(cloud.env, REGION), cloud.env)) {
    if (title === 'Hello.Endpoint') display.result(`  curl ${url}`);
  }
  display.result(`${pages.length} tasks, each with a port of its own that is new after every change:`);
  for (const url of pages.map(({ container }) => container.url).sort()) display.result(`  curl ${url}`);
  display.say(`\nEdit ${HELLO.page} and run it again. ${REMOVE}`);
}

/** Whether a source is newer than the deployed functions. */
function bundlesAreOld(): boolean {
  const times = (folder: string, pattern: RegExp) => fs.readdirSync(path.join(PROJECT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => pattern.test(file))
    .map((file) => fs.statSync(path.join(PROJECT, folder, file)).mtimeMs);
  const bundles = fs.existsSync(path.join(PROJECT, 'assets')) ? times('assets', /index\.js$/) : [];
  const sources = [...times('src', /\.ts$/), ...times('projenrc', /bundle.*\.ts$/), fs.statSync(path.join(PROJECT, 'package-lock.json')).mtimeMs];
  return bundles.length === 0 || Math.max(...sources) > Math.min(...bundles);
}

process.on('SIGINT', () => {
  show(new Display()).say(`\nInterrupted; what has been started runs on. ${REMOVE}`);
  process.exit(130);
});
main(process.argv.slice(2)).catch((error: unknown) => {
  const display = show(new Display());
  display.say(`\n${error instanceof MissingTool ? 'Missing: ' : ''}${error instanceof Error ? error.message : String(error)}`);
  display.say(REMOVE);
  process.exitCode = 1;
});
