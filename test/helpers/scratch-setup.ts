import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';

/** Synthesis leaves folders behind, and a cache in the home folder: all of it goes into one place that is removed. */
export default function setup(): void {
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk-container-delivery-'));
  Object.assign(process.env, { TMPDIR: scratch, HOME: scratch, TEST_SCRATCH: scratch });
}
