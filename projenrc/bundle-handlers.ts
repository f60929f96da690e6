// `npx projen bundle`: writes each handler with its NOTICE into `assets/`, and one NOTICE for the whole package.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { HANDLERS, bundleHandler } from './handler-bundle';
import { noticeOf } from './notice';

const bundles = HANDLERS.map(handler => ({ handler, ...bundleHandler(handler) }));
fs.rmSync('assets', { recursive: true, force: true });
for (const { handler, files } of bundles) {
  for (const [name, content] of Object.entries(files)) {
    const file = path.join('assets', handler, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, content);
    process.stdout.write(`${file} ${(content.length / 1024).toFixed(1)} KiB\n`);
  }
}
fs.writeFileSync('NOTICE', noticeOf(bundles.flatMap(({ packages }) => packages)));
