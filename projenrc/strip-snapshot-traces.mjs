// Empties the metadata files of the snapshots: they hold stack traces, with the paths of the machine that wrote them.
// The integration runner wants the files to be there, but compares only templates.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

for (const file of readdirSync('integ', { recursive: true })) {
  if (/\.snapshot[\\/][^\\/]+\.metadata\.json$/.test(file)) writeFileSync(join('integ', file), '{}\n');
}
