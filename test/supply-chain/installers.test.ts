import * as fs from 'fs';
import * as path from 'path';
import { projectFiles } from '../helpers/project-files';

const PROJECT = path.join(__dirname, '..', '..');

// As words of a shell (`npm ci`) or of an array (`run('npm', ['ci'`).
const APART = '[\'"]?,? +\\[?[\'"]?';
const INSTALLS = [
  `\\bnpm${APART}(ci|install|i|add|update|exec)\\b`,
  `\\bpip3?${APART}(install|download)\\b`,
  `\\b(uvx|pipx|yarn|pnpm|bunx|corepack)${APART}\\w`,
  `\\b(uv|go|cargo|gem|dotnet|mvn)${APART}(add|get|install|mod|restore|run|sync|tool)\\b`,
].map(pattern => new RegExp(pattern));

/** The programs that install packages for builds, tests, measurements or demos, and the file that pins the content of the packages. */
const INSTALLERS = {
  '.ci/run': 'the lock file, checked before',
  '.projen/tasks.json': 'the lock file, checked after "npm install" has changed it',
  'local/codebuild/images.ts': 'a list with hashes, the signatures of Debian, and the checksum database of Go',
  'local/python.ts': 'lists with hashes, and --require-hashes',
  'local/start.mjs': 'the lock file, checked before',
  'local/user-app.ts': 'only a message',
  'projenrc/check-lock.mjs': 'only a message',
  'projenrc/github.ts': 'on GitHub: the lock file, checked before; actionlint by version and the checksum database of Go; publib by version',
  'projenrc/newest-aws-cdk.sh': 'the lock file, except for the newest aws-cdk-lib: by hand, in a throw-away copy, without install scripts',
  'test/build/build-failures.test.ts': 'only a log',
  'test/e2e/local-command.e2e.ts': 'our own tarballs, and entries of the lock file',
  'test/e2e/package.e2e.ts': 'our own tarball, and entries of the lock file',
  'test/languages/packages.ts': 'versions of what is named; Go also has its checksum database. Transitive Python and Java packages have no hash',
  'test/workflows/image.ts': 'by hand, for containers only: Node.js and npm by major version, and the signatures of Debian',
};

test('packages for builds, tests, measurements and demos are installed in these places only, each with pinned content', () => {
  const programs = projectFiles().filter(file => /\.(ts|mjs|cjs|js|sh|py)$|^\.ci\/run$|^\.projen\/tasks\.json$|^package\.json$/.test(file))
    .filter(file => !/^(src|assets|integ|test\/supply-chain)\//.test(file));
  const lines = (file: string) => fs.readFileSync(path.join(PROJECT, file), 'utf8').split('\n').filter(line => !/^\s*(\/\/|#|\*|\/\*)/.test(line));

  const found = programs.filter(file => lines(file).some(line => INSTALLS.some(pattern => pattern.test(line))));

  expect(found.sort()).toEqual(Object.keys(INSTALLERS));
});
