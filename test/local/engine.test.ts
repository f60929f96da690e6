import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { startEngine } from '../../local/engine';
import { MissingTool } from '../../local/process';

test('if the engine of DOCKER_HOST does not answer, the command fails, and no other engine is started', async () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'engine-'));
  process.env.DOCKER_HOST = 'tcp://127.0.0.1:1';
  try {
    const kept: unknown[] = [];
    const starting = startEngine(folder, engine => kept.push(engine));

    await expect(starting).rejects.toThrow(MissingTool);
    await expect(starting).rejects.toThrow(/The Docker engine of DOCKER_HOST \(tcp:\/\/127\.0\.0\.1:1\) does not answer/);
    expect(kept).toEqual([]);
    expect(fs.readdirSync(folder)).toEqual([]);
  } finally {
    delete process.env.DOCKER_HOST;
  }
});
