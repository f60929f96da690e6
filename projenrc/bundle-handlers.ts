// `npx projen bundle`: writes each handler and the command with their NOTICE into `assets/`, and one NOTICE for the whole package.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { COMMAND, HANDLERS, bundleCommand, bundleHandler } from './handler-bundle';
import { noticeOf } from './notice';

const bundles = [...HANDLERS.map(handler => ({ folder: handler, ...bundleHandler(handler) })), { folder: COMMAND, ...bundleCommand() }];
fs.rmSync('assets', { recursive: true, force: true });
for (const { folder, files } of bundles) {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join('assets', folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
    process.stdout.write(`${file} ${(content.length / 1024).toFixed(1)} KiB\n`);
  }
}
fs.writeFileSync('NOTICE', noticeOf(bundles.flatMap(({ packages }) => packages)));
