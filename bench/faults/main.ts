import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { FaultResults, FaultSample } from './results';
import { Contender, allFaults } from './run';
import { report } from './tables';
import { say } from '../../local/process';
import { currentCommit } from '../machine/conditions';
import { ImagePusher } from '../machine/images';
import { LocalRegistry } from '../machine/registry';
import { Workspace } from '../machine/workspace';
import { publishSection } from '../page';
import { cdkEcrDeployment } from '../tools/cdk-ecr-deployment';
import { ours } from '../tools/ours';
import { skopeo } from '../tools/skopeo';
import { TAG } from '../tools/tool';

const RUNS = 3;
const LAYER_BYTES = 3 * 2 ** 20;
const REPOSITORY = 'images/small';
// The same time for all tools; the first one reports a stall after 30 seconds.
const LIMIT_SECONDS = 120;

const CONTENDERS: readonly Contender[] = [
  { tool: ours, sendsBlobsWith: 'PUT' },
  ...[cdkEcrDeployment(), cdkEcrDeployment(5), skopeo(), skopeo(3)]
    .map((tool): Contender => ({ tool, sendsBlobsWith: 'PATCH' })),
];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { runs: { type: 'string', default: String(RUNS) }, out: { type: 'string' }, render: { type: 'boolean', default: false } },
  });
  const runs = Number(values.runs);
  const out = values.out ?? (runs >= RUNS || values.render ? 'docs' : '.bench');
  const file = path.join(out, 'benchmarks', 'faults.json');
  if (!values.render) {
    const results = await series(runs);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(results, undefined, 1)}\n`);
  }
  say(`${publishSection(out, 'faults', report(JSON.parse(readFileSync(file, 'utf8')) as FaultResults))} and ${file} are written`);
}

async function series(runs: number): Promise<FaultResults> {
  const commit = currentCommit();
  const workspace = new Workspace(tmpdir());
  const storage = workspace.newFolder('stock');
  const registry = await LocalRegistry.start(storage, workspace);
  const image = await new ImagePusher(registry.origin).push(REPOSITORY, () => [TAG], [{ seed: 'fault', bytes: LAYER_BYTES }]);
  await registry.stop();
  const samples: FaultSample[] = [];
  for (let run = 1; run <= runs; run++) {
    const subject = { storage, repository: REPOSITORY, image };
    samples.push(...await allFaults(CONTENDERS, subject, { run, limitSeconds: LIMIT_SECONDS }, workspace, ({ fault, tool, end, seconds }) => {
      say(`${run}/${runs}  ${fault}  ${tool}  ${end}  ${seconds} s`);
    }));
  }
  const versions = Object.fromEntries([ours, cdkEcrDeployment(), skopeo()].map(({ name, version }) => [name, version]));
  return { date: new Date().toISOString().slice(0, 10), commit, runs, versions, samples };
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  process.exit(1);
});
