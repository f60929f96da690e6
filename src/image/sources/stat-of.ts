import * as fs from 'fs';

/** What is at a path, if anything can be there at all. */
export function statOf(file: string): fs.Stats | undefined {
  try {
    return fs.statSync(file);
  } catch {
    return undefined;
  }
}
