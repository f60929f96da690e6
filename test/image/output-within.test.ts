import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App, AssetStaging, Stack, Stage } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ImageRepository } from '../../src';
import { APP } from '../helpers/stack';

let folder: string;
let context: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'context-'));
  context = path.join(folder, 'app');
  fs.cpSync(APP, context, { recursive: true });
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

/** Builds from a folder twice, as a second synthesis finds the output of the first, and returns what Docker would get besides the app. */
function contextOf(directory: string, outdir: string, inside: (app: App) => Construct = app => app): string[] {
  for (const text of ['first', 'second']) {
    fs.writeFileSync(path.join(context, 'text'), text);
    // A second run is another process.
    AssetStaging.clearAssetHashCache();
    const app = new App({ outdir });
    new ImageRepository(new Stack(inside(app), 'Stack'), 'Repository').buildAndPushImage(directory);
    app.synth();
  }
  const assets = fs.readdirSync(outdir).filter(name => name.startsWith('asset.') && fs.existsSync(path.join(outdir, name, 'Dockerfile')));
  expect(assets).toHaveLength(2);
  return [...new Set(assets.flatMap(name => fs.readdirSync(path.join(outdir, name))))].filter(name => ![...fs.readdirSync(APP), 'text'].includes(name));
}

describe('the output of the synthesis is not part of the image if it is inside the build folder', () => {
  test.each(['cdk.out', 'out[1]', '#out', '!out', 'out/a b', 'o*t'])('with the name %s', name => {
    // If the output is in a nested folder, the outer folder stays, empty.
    expect(contextOf(context, path.join(context, name)).filter(each => each !== 'out')).toEqual([]);
  });

  test('and the image is for a stage of the app', () => {
    expect(contextOf(context, path.join(context, 'cdk.out'), app => new Stage(app, 'Production'))).toEqual([]);
  });

  test('and the build folder is given as a link', () => {
    fs.symlinkSync(context, path.join(folder, 'link'));

    expect(contextOf(path.join(folder, 'link'), path.join(context, 'cdk.out'))).toEqual([]);
  });
});

test('the output folder of the synthesis itself is rejected as build folder', () => {
  expect(() => contextOf(context, context)).toThrow(/^Stack\/Repository\/Images\/app: 'directory' must not be the output folder of the synthesis, got ".*\/app"\. Build from/);
});
