import * as fs from 'node:fs';
import * as path from 'node:path';
import { ask } from './process';

/** `npx projen local:types` */
export const TYPES_FILE = path.join(__dirname, 'resource-types.ts');

/** The resource types that the emulator deploys, including those that emulator.py adds. */
export function emulatedTypes(python: string): string[] {
  const { ok, out, problem } = ask(python, [path.join(__dirname, 'emulator.py'), '--types'], { ...process.env, LOCAL_REGISTRY: 'none' });
  if (!ok) throw new Error(`emulator.py --types failed: ${problem}`);
  return JSON.parse(out.split('\n').pop() ?? '') as string[];
}

/** The source of `resource-types.ts`. */
export function typesSource(types: readonly string[]): string {
  return [
    '/** The resource types that the emulator deploys, as `emulator.py --types` prints them. `npx projen local:types` writes this file. */',
    'export const RESOURCE_TYPES: readonly string[] = [', ...types.map((type) => `  '${type}',`), '];', '',
  ].join('\n');
}

if (require.main === module) {
  // eslint-disable-next-line @typescript-eslint/no-require-imports
  const { pythonWithEmulator } = require('./python') as typeof import('./python');
  const folder = path.join(__dirname, '..', '.local-cloud', 'types');
  fs.mkdirSync(folder, { recursive: true });
  void pythonWithEmulator(folder).then((python) => fs.writeFileSync(TYPES_FILE, typesSource(emulatedTypes(python))))
    .finally(() => fs.rmSync(folder, { recursive: true, force: true }));
}
