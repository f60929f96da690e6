const path = require('node:path');

const ROOT = path.join(__dirname, '..', '..');

/** Installs the pinned Python packages. Unlike the template lint, these checks are never skipped: without Python they fail, and name the command. */
module.exports = async function setup() {
  process.env.TSX_TSCONFIG_PATH = path.join(ROOT, 'test', 'tsconfig.json');
  require('tsx/cjs');
  const { pythonWith } = require('../../local/python.ts');
  process.env.CFN_LINT_PYTHON = await pythonWith(path.join(ROOT, 'test', 'templates', 'requirements.txt'), path.join(ROOT, '.local-cloud', 'cfn-lint'), 'cfn-lint and botocore');
  require('../helpers/scratch-setup.cjs')();
};
