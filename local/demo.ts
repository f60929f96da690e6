import { LocalDeployment } from './cdk';
import { LocalCloud } from './cloud';
import { HELLO } from './hello';
import { MissingTool, say, step } from './process';

const NOT_EMULATED = `
Not emulated, so not proven by this run:
  IAM       no permission is checked
  network   NAT gateways, routes and security groups are only recorded; a container cannot call the emulated AWS
  balancer  the output named Endpoint answers on AWS only; here every task has a port of its own on 127.0.0.1
  ECS       the circuit breaker counts started containers, not health checks; CPU, memory and read-only limits are not set
  rollback  is the emulator's own imitation of CloudFormation's`;

async function main(args: string[]): Promise<void> {
  const cloud = new LocalCloud('demo', HELLO.baseImage);
  if (args.includes('--destroy')) {
    await step('Removing the containers, processes and files of the demo', () => cloud.stop());
    return;
  }
  const hello = new LocalDeployment(cloud, HELLO.app);
  const fresh = !await cloud.isUp();
  await cloud.start();
  if (fresh) await hello.bootstrap();
  await hello.deploy();
  const pages = await hello.pages();
  say(NOT_EMULATED);
  for (const { container } of pages) say(`\nRunning: ${container.image}\n  curl ${container.url}`);
  say(`\nEdit ${HELLO.page} and run it again; end it with: npm run demo -- --destroy`);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  say(`\n${error instanceof MissingTool ? 'Missing: ' : ''}${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
});
