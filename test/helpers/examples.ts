import * as fs from 'fs';
import { createRequire } from 'node:module';
import * as path from 'path';
import { App } from 'aws-cdk-lib';
import { Finding } from './nag';

const EXAMPLES = path.join(__dirname, '..', '..', 'examples');

/** A finding that an example accepts, at this construct or inside it. */
export interface Acknowledgement extends Finding {
  readonly reason: string;
}

/** The names of the examples. */
export const examples: string[] = fs.readdirSync(EXAMPLES, { withFileTypes: true }).filter(entry => entry.isDirectory()).map(entry => entry.name);

/** The app of an example. */
export function exampleApp(name: string): App {
  const { app } = createRequire(__filename)(path.join(EXAMPLES, name, 'app.ts')) as { app: App };
  return app;
}

/** The acknowledgements of an example. */
export function acknowledgementsOf(name: string): Acknowledgement[] {
  return JSON.parse(fs.readFileSync(path.join(EXAMPLES, name, 'acknowledged-findings.json'), 'utf8'));
}

/** Whether it applies to the finding: as in cdk-nag, an acknowledgement at a construct applies to everything inside it. */
export function acknowledges({ rule, path: at }: Acknowledgement, finding: Finding): boolean {
  return rule === finding.rule && `${finding.path}/`.startsWith(`${at}/`);
}
