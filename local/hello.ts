import * as fs from 'node:fs';
import * as path from 'node:path';
import { PROJECT } from './cloud';

const folder = 'examples/hello/app';

/** The example that the demo and the end-to-end test deploy. */
export const HELLO = {
  app: 'examples/hello/app.ts',
  folder,
  page: `${folder}/index.html`,
  get baseImage(): string {
    const dockerfile = fs.readFileSync(path.join(PROJECT, folder, 'Dockerfile'), 'utf8');
    return /^(?:FROM\s+|ARG BASE_IMAGE=)([^\s$]+)/im.exec(dockerfile)?.[1] ?? 'scratch';
  },
};
