import { LocalDeployment } from './cdk';
import { LocalCloud } from './cloud';
import { HELLO } from './hello';
import { MissingTool, say, step } from './process';

const NOT_EMULATED = `
Not emulated, so not proven by this run:
  IAM       no permission is checked
  network   NAT gateways, routes and security groups are only recorded; a container cannot call the emulated AWS
  balancer  the output named Endpoint answers on AWS only; here every task has a port of its own on 127.0.0.1
  ECS       the circuit breaker counts started containers, not health checks; CPU is not limited
  rollback  is the emulator's own imitation of CloudFormation's`;

const DESTROY = '--destroy';
const REMOVE = `Remove everything with: npm run demo -- ${DESTROY}`;

async function main(args: string[]): Promise<void> {
  const strange = args.find(arg => arg !== DESTROY);
  if (strange !== undefined) throw new Error(`'${strange}' is not understood. Deploy with: npm run demo`);
  const cloud = new LocalCloud('demo', HELLO.baseImage);
  // Without the two hyphens before it, npm keeps it for itself.
  if (args.includes(DESTROY) || process.env.npm_config_destroy) {
    await step('Removing the containers, processes and files of the demo', () => cloud.stop());
    // An interrupted test leaves its cloud running.
    await new LocalCloud('e2e', HELLO.baseImage).stop();
    return;
  }
  const hello = new LocalDeployment(cloud, HELLO.app);
  await cloud.start();
  await hello.bootstrap();
  await hello.deploy();
  const pages = await hello.pages();
  say(NOT_EMULATED);
  const urls = pages.map(({ container }) => container.url).sort();
  say(`\nRunning: ${pages[0].container.image}`);
  say(`${urls.length} tasks, each with a port of its own that is new after every change:`);
  for (const url of urls) say(`  curl ${url}`);
  say(`\nEdit ${HELLO.page} and run it again. ${REMOVE}`);
}

process.on('SIGINT', () => {
  say(`\nInterrupted; what has been started runs on. ${REMOVE}`);
  process.exit(130);
});
main(process.argv.slice(2)).catch((error: unknown) => {
  say(`\n${error instanceof MissingTool ? 'Missing: ' : ''}${error instanceof Error ? error.message : String(error)}`);
  say(REMOVE);
  process.exitCode = 1;
});
