// `node projenrc/tidy-go.mjs dist/go/cdkcontainerdelivery`: completes the Go package of `jsii-pacmak --code-only --target go`.
//
// jsii-pacmak lists indirect versions that npm resolved. Not each of them exists as a Go module, so its own `go mod tidy` fails. Without these lines,
// `go mod tidy` takes the versions that the required modules name.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const [folder] = process.argv.slice(2);
const file = join(folder, 'go.mod');
writeFileSync(file, readFileSync(file, 'utf8').replace(/^.*\/\/ indirect\n/gm, ''));
for (const args of [['mod', 'tidy'], ['build', './...']]) execFileSync('go', args, { cwd: folder, stdio: 'inherit' });
