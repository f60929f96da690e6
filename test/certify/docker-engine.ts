import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { Engine, startEngine, stopEngine } from '../../local/engine';

let folder: string | undefined;
let engine: Engine | undefined;

/** Lets `docker` answer in every test file: by the engine of this machine, else by one of our own until `stop`. */
export async function start(): Promise<void> {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'certify-engine-'));
  fs.mkdirSync(path.join(folder, 'tmp'));
  engine = await startEngine(folder, (begun) => {
    engine = begun;
  });
  process.env.DOCKER_HOST = engine.host;
  // Only an engine of this machine has the builder that this would ask for.
  if (engine.own) delete process.env.DOCKER_BUILDKIT;
}

/** Nothing of an engine that we started stays. */
export async function stop(): Promise<void> {
  if (!folder) return;
  if (engine) await stopEngine(engine, folder);
  fs.rmSync(folder, { recursive: true, force: true });
}
