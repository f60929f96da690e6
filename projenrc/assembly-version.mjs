// `node --import`: writes the version of the cloud assembly that the newest integ-runner (2.197.10) can read. Version 54, of aws-cdk-lib 2.262, adds the
// validation report, which the runner does not need.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const READABLE = '53.0.0';

process.on('exit', () => {
  const folder = process.env.CDK_OUTDIR;
  if (folder === undefined) return;
  for (const file of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(name => /(^|\/)(manifest|integ|[^/]+\.assets)\.json$/.test(name))) {
    const path = join(folder, file);
    const text = readFileSync(path, 'utf8');
    writeFileSync(path, text.replace(/^(\s*"version": )"54\.[\d.]+"/m, `$1"${READABLE}"`));
  }
});
