import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { Engine, startEngine, stopEngine } from '../../local/engine';

let folder: string | undefined;
let engine: Engine | undefined;

/** Makes `docker` available in every test file: with the engine of this machine, otherwise with our own engine until `stop`. */
export async function start(): Promise<void> {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'certify-engine-'));
  fs.mkdirSync(path.join(folder, 'tmp'));
  engine = await startEngine(folder, (begun) => {
    engine = begun;
  });
  process.env.DOCKER_HOST = engine.host;
  // Only the engine of this machine has the required builder.
  if (engine.own) delete process.env.DOCKER_BUILDKIT;
}

/** Nothing of an engine that we started is left behind. */
export async function stop(): Promise<void> {
  if (!folder) return;
  if (engine) await stopEngine(engine, folder);
  fs.rmSync(folder, { recursive: true, force: true });
}
