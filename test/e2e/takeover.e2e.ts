import * as fs from 'fs';
import * as path from 'path';
import { promise } from './promise';
import { story } from './story';
import { LocalDeployment } from '../../local/cdk';

// A stack of aws-ecs-patterns that this library takes over, deployed by the CDK CLI.
const { cloud, app } = story();
const version = (step: string) => new LocalDeployment(cloud, 'test/e2e/takeover-app.ts', { app, step });

promise('a service of aws-ecs-patterns is taken over in place: service, load balancer and repository stay, and the page answers', async () => {
  const old = version('before');
  const { outputs: { Takeover: before } } = await old.deploy();
  const [{ container: first, page }] = await old.pages('Takeover');

  const now = version('after');
  const { outputs: { Takeover: after }, log } = await now.deploy();
  const [{ container: second, page: samePage }, ...others] = await now.pages('Takeover');

  expect(after).toEqual(before);
  expect(samePage).toBe(page);
  expect(others).toEqual([]);
  // A new revision of the task, whose image is in the repository of the user.
  expect(second.id).not.toBe(first.id);
  expect(second.image).toMatch(/\/takeover\/web\S*@sha256:/);
  expect(log).not.toContain('DELETE_COMPLETE | AWS::ElasticLoadBalancingV2');
  fs.writeFileSync(path.join(cloud.folder, 'takeover.log'), log);
  await now.destroy();
});
