import * as docker from './docker-engine';
import { MissingTool, ask, install, say } from '../../local/process';

const PACKAGES: Readonly<Record<string, string>> = { 'docker-registry': '--version', 'skopeo': '--version' };

/** Installs the requirements of the certification. Tests whose requirements are missing are skipped with a reason; in CI that is a failure. */
export default async function setup(): Promise<void> {
  await provide('CERTIFY_MISSING', installRegistries);
  await provide('CERTIFY_NO_DOCKER', docker.start);
}

async function provide(missing: string, bring: () => Promise<void>): Promise<void> {
  try {
    await bring();
  } catch (error) {
    if (!(error instanceof MissingTool) || process.env.CI) throw error;
    say(`\nSKIPPED: ${error.message}\n`);
    process.env[missing] = error.message;
  }
}

async function installRegistries(): Promise<void> {
  const missing = Object.entries(PACKAGES).filter(([command, question]) => !ask(command, [question]).ok).map(([command]) => command);
  if (missing.length > 0) {
    await install(`The certification needs ${missing.join(' and ')}`, missing, 'Install them with the package manager of this machine.');
  }
}
