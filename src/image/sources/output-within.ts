import * as fs from 'fs';
import * as path from 'path';
import { Stage } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { reject } from '../../private/validation';

/**
 * The output of the synthesis as a pattern to leave out, if it is inside the directory: else each copy would hold the
 * one before it, without end. Throws when the directory is the output itself.
 */
export function outputWithin(scope: Construct, directory: string): string[] {
  // Assets of all stages are staged into the output of the app.
  const { root } = scope.node;
  if (!Stage.isStage(root)) return [];
  const output = path.relative(realPath(directory), realPath(root.outdir));
  if (output === '') {
    reject(scope, {
      property: 'directory', must: 'not be the output folder of the synthesis', got: directory, fix: 'Build from a folder that has only the app in it.',
    });
  }
  return isOutside(output) ? [] : [asPattern(output)];
}

/** Whether a relative path leads out of its folder. */
export function isOutside(relative: string): boolean {
  return relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative);
}

/** The output may not be there yet, but its folder is. */
function realPath(file: string): string {
  const full = path.resolve(file);
  if (fs.existsSync(full) || path.dirname(full) === full) return fs.existsSync(full) ? fs.realpathSync(full) : full;
  return path.join(realPath(path.dirname(full)), path.basename(full));
}

/** Letters that mean something in a `.dockerignore` mean themselves. */
function asPattern(file: string): string {
  return file.split(path.sep).join('/').replace(/[\\[\]*?]|^[#!]/g, '\\$&');
}
