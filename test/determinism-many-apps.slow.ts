import { spawn } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { everySynthesizedFile } from './helpers/docker-images';
import { dockerArchive } from './helpers/image-archive';
import { MANY_APPS } from './helpers/many-apps';

const PROJECT = path.join(__dirname, '..');
const THREE_YEARS = 3 * 365 * 24 * 60 * 60 * 1000;

/** The conditions that must not have an effect. */
const MACHINES = {
  laptop: { checkout: 'project', TZ: 'Pacific/Kiritimati', LC_ALL: 'tr_TR.UTF-8', CLOCK_SHIFT: '0' },
  server: { checkout: 'builds/42/checkout', TZ: 'America/St_Johns', LC_ALL: 'C', CLOCK_SHIFT: `${-THREE_YEARS - 12_345_678}` },
};
type Machine = keyof typeof MACHINES;

let scratch: string;

beforeAll(async () => {
  scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'determinism-'));
  await Promise.all([synthesizeOn('laptop'), synthesizeOn('server')]);
}, 300_000);

/** All apps, from a copy of this project, in one process with its own clock, time zone, language, home and working directory. */
async function synthesizeOn(machine: Machine): Promise<void> {
  const { checkout, ...env } = MACHINES[machine];
  const project = path.join(scratch, machine, checkout);
  for (const name of ['src', 'test', 'assets', 'tsconfig.json', 'package.json']) {
    fs.cpSync(path.join(PROJECT, name), path.join(project, name), { recursive: true });
  }
  fs.symlinkSync(path.join(PROJECT, 'node_modules'), path.join(project, 'node_modules'));
  const cwd = path.join(project, 'test', 'fixtures');
  fs.copyFileSync(dockerArchive(), path.join(cwd, 'web.tar'));
  const program = path.join(project, 'test', 'helpers', 'synthesize-many-apps.ts');
  const home = fs.mkdtempSync(path.join(scratch, 'home-'));
  const child = spawn(process.execPath, ['--import', 'tsx', program, path.join(scratch, machine, 'out')], {
    cwd, stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, HOME: home, TMPDIR: home, TSX_TSCONFIG_PATH: path.join(project, 'test', 'tsconfig.json'), ...env },
  });
  let problems = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => problems += text);
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code !== 0) throw new Error(`The synthesis on the ${machine} failed: ${problems}`);
}

/** Every file of a synthesis, by its name. */
function filesOf(machine: Machine, about: string): { [name: string]: string } {
  return Object.fromEntries(everySynthesizedFile(path.join(scratch, machine, 'out', about))
    .map(({ name, text }) => [name, name.endsWith('.metadata.json') ? withoutTraces(text) : text]));
}

/** aws-cdk-lib records the file and line that created a construct or a warning: this is the only allowed difference. */
function withoutTraces(metadata: string): string {
  const entries = Object.entries<{ type: string; trace?: string[] }[]>(JSON.parse(metadata)).map(([construct, all]) => [
    construct, all.filter(({ type }) => type !== 'aws:cdk:creationStack').map(entry => ({ ...entry, trace: undefined })),
  ]);
  return JSON.stringify(entries, undefined, 1);
}

describe('cdk.out is the same, byte for byte, from another folder, machine, time, time zone and language:', () => {
  test.each(Object.keys(MANY_APPS))('%s', about => {
    const [laptop, server] = [filesOf('laptop', about), filesOf('server', about)];

    expect(Object.keys(laptop)).toEqual(expect.arrayContaining(['manifest.json', 'tree.json']));
    expect(server).toEqual(laptop);
  });
});

test('this comparison notices a clock, a time zone, a language, a folder, a process or a random number', () => {
  const outputs = (machine: Machine) => JSON.parse(filesOf(machine, 'restless')['Restless.template.json']).Outputs;
  const [laptop, server] = [outputs('laptop'), outputs('server')];
  for (const name of ['Time', 'Now', 'TimeZone', 'Language', 'Folder', 'Process', 'Dice']) {
    expect(laptop[name].Value).not.toEqual(server[name].Value);
  }
});
