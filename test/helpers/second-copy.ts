import { createRequire } from 'node:module';
import * as path from 'path';
import type * as library from '../../src';

const SRC = path.join(__dirname, '..', '..', 'src') + path.sep;

/** Another copy of this package with the same CDK, as in an app whose libraries each contain a copy. */
export function secondCopy(): typeof library {
  const load = createRequire(__filename);
  const first = Object.entries(load.cache).filter(([file]) => file.startsWith(SRC));
  first.forEach(([file]) => { delete load.cache[file]; });
  const copy = load('../../src') as typeof library;
  const second = Object.keys(load.cache).filter(file => file.startsWith(SRC));
  second.forEach(file => { delete load.cache[file]; });
  first.forEach(([file, module]) => { load.cache[file] = module; });
  return copy;
}
