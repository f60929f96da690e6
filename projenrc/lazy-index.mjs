// After the compilation: `lib/index.js` loads the file of a class when a program uses the class, and with it only the needed parts of aws-cdk-lib,
// which does the same in its own index files.
import { readFileSync, writeFileSync } from 'node:fs';

const INDEX = 'lib/index.js';
const REQUIRED = /^var (\w+) = require\("(\.\/[^"]+)"\);\n/gm;
const EXPORTED = /^Object\.defineProperty\(exports, "(\w+)", \{ enumerable: true, get: function \(\) \{ return (\w+)\.\1; \} \}\);$/gm;

/** The code of an index in which each export loads its file. An index that already has this form stays unchanged. */
export function lazy(code) {
  if (/ return require\("/.test(code)) return code;
  const files = new Map([...code.matchAll(REQUIRED)].map(([, variable, file]) => [variable, file]));
  // Node.js finds the names for ECMAScript modules in `exports.A = void 0`, which stays, and drops those for which it finds a getter with code. It
  // does not find a getter whose name is behind an assignment.
  const result = code.replace(REQUIRED, '').replace(EXPORTED, (_, name, variable) =>
    `Object.defineProperty(exports, key = "${name}", { enumerable: true, get: function () { return require("${files.get(variable)}").${name}; } });`)
    .replace('"use strict";', '"use strict";\nvar key;');
  const eager = /^.*\b\w+_\d+\b.*$|^(?!Object\.defineProperty).*require\(.*$/m.exec(result.replace(/^\/\/.*$/gm, ''));
  if (files.size === 0 || eager !== null) throw new Error(`${INDEX} has a form that this script does not know: ${eager?.[0] ?? 'it requires nothing'}`);
  return result;
}

if (process.argv[1]?.endsWith('lazy-index.mjs')) writeFileSync(INDEX, lazy(readFileSync(INDEX, 'utf8')));
