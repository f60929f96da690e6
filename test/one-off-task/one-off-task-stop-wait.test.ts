import { RunScene } from '../helpers/run-scene';

let scene: RunScene;
beforeEach(async () => { scene = await RunScene.open(); });
afterEach(async () => scene.cloud.stop());

const SECOND = 1000;
const TIMEOUT = 60;

describe('a task that is stopped at its timeout', () => {
  test('is watched to its end if it takes all of the 120 seconds that ECS allows', async () => {
    const began = scene.clock.now();
    scene.cloud.lives = [{
      isEndless: true, stopsWith: 143, get isDeaf() { return scene.clock.now() - began < (TIMEOUT + 120 + 45) * SECOND; },
    }];

    expect((await scene.deploy({ TimeoutSeconds: String(TIMEOUT) })).Reason)
      .toMatch(/^the task failed: it took longer than its timeout and was stopped; container 'migrate' ended with exit code 143/);
  });

  test('is given up if it still runs 180 seconds later', async () => {
    const began = scene.clock.now();
    scene.cloud.lives = [{ isEndless: true, isDeaf: true }];

    expect((await scene.deploy({ TimeoutSeconds: String(TIMEOUT) })).Reason).toContain('it takes longer than its timeout and does not stop');
    expect(scene.clock.now() - began).toBeGreaterThanOrEqual((TIMEOUT + 180) * SECOND);
    expect(scene.clock.now() - began).toBeLessThan((TIMEOUT + 180 + 20) * SECOND);
    expect(scene.cloud.bodiesOf('StopTask')).toHaveLength(1);
  });
});
