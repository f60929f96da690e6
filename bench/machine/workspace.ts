import { mkdirSync, mkdtempSync, rmSync, statfsSync } from 'node:fs';
import * as path from 'node:path';

/** A folder in memory for registries and temporary files. It is deleted when this process ends. */
export class Workspace {
  public readonly folder: string;
  private count = 0;

  constructor(parent: string) {
    this.folder = mkdtempSync(path.join(parent, 'container-delivery-bench-'));
    process.once('exit', () => this.discard(this.folder));
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  }

  public get freeBytes(): number {
    const { bavail, bsize } = statfsSync(this.folder);
    return bavail * bsize;
  }

  /** A new, empty folder. */
  public newFolder(name: string): string {
    const folder = path.join(this.folder, `${name}-${++this.count}`);
    mkdirSync(folder);
    return folder;
  }

  /** Deletes a folder that is no longer needed. */
  public discard(folder: string): void {
    rmSync(folder, { recursive: true, force: true });
  }
}
