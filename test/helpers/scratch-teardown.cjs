const fs = require('node:fs');

/** Removes what the tests have left behind. */
module.exports = function teardown() {
  fs.rmSync(process.env.TEST_SCRATCH ?? '', { recursive: true, force: true });
};
