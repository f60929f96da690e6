import { MissingTool, ask, install, say } from '../../local/process';

const PACKAGES: Readonly<Record<string, string>> = { 'docker-registry': '--version', 'skopeo': '--version' };

/** Brings what the certification needs. Where that cannot be, it is skipped with a reason; in CI that is a failure. */
export default async function setup(): Promise<void> {
  const missing = Object.entries(PACKAGES).filter(([command, question]) => !ask(command, [question]).ok).map(([command]) => command);
  if (missing.length === 0) return;
  try {
    await install(`The certification needs ${missing.join(' and ')}`, missing, 'Install them with the package manager of this machine.');
  } catch (error) {
    if (!(error instanceof MissingTool) || process.env.CI) throw error;
    say(`\nSKIPPED: ${error.message}\n`);
    process.env.CERTIFY_MISSING = error.message;
  }
}
