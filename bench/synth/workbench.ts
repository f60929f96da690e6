import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { buildSync } from 'esbuild';
import { Sample } from './results';

const PROJECT = resolve(__dirname, '..', '..');
const APPS = join(__dirname, 'apps');

/** A folder with the compiled apps and their build contexts, in which they are synthesized one at a time. */
export class Workbench {
  /** The output of the last synthesis. */
  readonly outdir: string;
  private readonly folder = mkdtempSync(join(tmpdir(), 'synth-benchmark-'));
  private readonly contexts = join(this.folder, 'services');
  private readonly programs = join(this.folder, 'programs');
  private readonly modules = join(this.folder, 'modules');

  constructor(services: number) {
    this.outdir = join(this.folder, 'cdk.out');
    for (let index = 0; index < services; index++) {
      const context = join(this.contexts, `service-${index}`);
      mkdirSync(context, { recursive: true });
      writeFileSync(join(context, 'Dockerfile'), 'FROM scratch\nCOPY index.html /\n');
      writeFileSync(join(context, 'index.html'), `<h1>Service ${index}</h1>\n`);
    }
    // Compiled like a published app, so that no loader is measured.
    buildSync({
      entryPoints: readdirSync(APPS).filter(name => name.endsWith('.ts')).map(name => join(APPS, name)),
      outdir: this.programs, format: 'cjs', platform: 'node', target: 'node20',
    });
    mkdirSync(this.modules);
    symlinkSync(PROJECT, join(this.modules, 'cdk-container-delivery'));
  }

  /** Synthesizes once, in a separate process. */
  synthesize(variant: string, services: number): Sample {
    rmSync(this.outdir, { recursive: true, force: true });
    const program = [process.execPath, join(this.programs, 'program.js'), variant, String(services), this.contexts, this.outdir];
    const started = performance.now();
    // Only the shell has the CPU time of a process together with that of its children.
    const { status, stdout, stderr } = spawnSync('sh', ['-c', '"$@" && times', 'sh', ...program], { env: this.environment(variant), encoding: 'utf8' });
    const wallSeconds = (performance.now() - started) / 1000;
    if (status !== 0) throw new Error(`${variant} with ${services} services failed: ${stderr}`);
    const [phases, ...times] = stdout.trim().split('\n');
    const { load, construct, synth } = JSON.parse(phases) as { load: number; construct: number; synth: number };
    return {
      wallSeconds: rounded(wallSeconds), cpuSeconds: rounded(cpuSecondsOf(times)),
      loadMilliseconds: Math.round(load), constructMilliseconds: Math.round(construct), synthMilliseconds: Math.round(synth),
    };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private environment(variant: string): NodeJS.ProcessEnv {
    // aws-cdk-lib keeps a cache in the home folder: no variant may use the cache of another one.
    const home = join(this.folder, 'homes', variant);
    mkdirSync(home, { recursive: true });
    return {
      PATH: process.env.PATH, LC_ALL: 'C', HOME: home, TMPDIR: this.folder,
      NODE_PATH: [this.modules, join(PROJECT, 'node_modules')].join(delimiter),
      // Newer versions of aws-cdk-lib check all templates with a tool that takes seconds.
      CDK_VALIDATION: 'false',
      JSII_DEPRECATED: 'quiet',
    };
  }
}

/** The second line that `times` prints is for the children: user and system time as `0m1.23s`. */
function cpuSecondsOf([, children]: readonly string[]): number {
  return [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce((sum, [, minutes, seconds]) => sum + Number(minutes) * 60 + Number(seconds), 0);
}

function rounded(seconds: number): number {
  return Math.round(seconds * 1000) / 1000;
}
