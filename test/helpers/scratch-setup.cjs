const fs = require('node:fs');
const os = require('node:os');
const path = require('node:path');

/** Synthesis leaves folders behind, and a cache in the home folder: all of it is created in one place that is deleted. */
module.exports = function setup() {
  if (!fs.existsSync(path.join(__dirname, '..', '..', 'assets'))) throw new Error('The bundles of the functions are missing. Run "npx projen bundle" first.');
  const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'cdk-container-delivery-'));
  Object.assign(process.env, { TMPDIR: scratch, HOME: scratch, TEST_SCRATCH: scratch });
};
