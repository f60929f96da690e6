#!/usr/bin/env node
// The CDK CLI calls this instead of `docker` (CDK_DOCKER): the ECR host becomes the registry on loopback, which needs no login.
// Built images have a label, so that they can be found and removed.
import { spawnSync } from 'node:child_process';

const { LOCAL_REGISTRY, LOCAL_CLOUD, LOCAL_BUILD_ARGS = '' } = process.env;
const [command, ...args] = process.argv.slice(2)
  .map((arg) => arg.replace(/^\d{12}\.dkr\.ecr\.[a-z0-9-]+\.amazonaws\.com\//, `${LOCAL_REGISTRY}/`));

if (command !== 'login') {
  // Without BuildKit, an image FROM scratch for one platform is taken from the cache for another platform.
  const forPlatform = args.includes('--platform') ? ['--no-cache'] : [];
  const added = command === 'build' ? ['--label', `local-cloud=${LOCAL_CLOUD}`, ...LOCAL_BUILD_ARGS.split(' ').filter(Boolean), ...forPlatform] : [];
  const { status, error } = spawnSync('docker', [command, ...added, ...args], { stdio: 'inherit' });
  if (error) console.error(error.message);
  process.exitCode = status ?? 1;
}
