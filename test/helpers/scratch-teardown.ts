import * as fs from 'fs';

/** Removes what the tests have left behind. */
export default function teardown(): void {
  fs.rmSync(process.env.TEST_SCRATCH ?? '', { recursive: true, force: true });
}
