import * as path from 'path';
import { MissingTool, say } from '../../local/process';
import { pythonWith } from '../../local/python';

const REQUIREMENTS = path.join(__dirname, 'requirements.txt');
const FOLDER = path.join(__dirname, '..', '..', '.local-cloud', 'cfn-lint');

/** Installs cfn-lint. If that is impossible, the tests are skipped with a reason; in CI that is a failure. */
export default async function setup(): Promise<void> {
  try {
    process.env.CFN_LINT_PYTHON = await pythonWith(REQUIREMENTS, FOLDER, 'cfn-lint');
  } catch (error) {
    if (!(error instanceof MissingTool) || process.env.CI) throw error;
    say(`\nSKIPPED: ${error.message}\n`);
  }
}
