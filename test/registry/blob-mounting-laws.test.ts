import fc from 'fast-check';
import { BlobMountingScene } from '../helpers/blob-mounting-scene';
import { EXHAUSTIVE } from '../helpers/exhaustive';

const RUNS = EXHAUSTIVE ? 200 : 20;

const trouble = fc.record({ duplicates: fc.integer({ min: 0, max: 2 }), atOnce: fc.boolean(), deaths: fc.integer({ min: 0, max: 2 }) });
const deployment = fc.record({ restore: fc.boolean(), thenFails: fc.boolean(), looking: trouble, enabling: trouble });
const life = fc.record({
  was: fc.constantFrom(undefined, 'DISABLED', 'ENABLED'), deployments: fc.array(deployment, { minLength: 1, maxLength: 4 }), leaving: trouble,
});

test(`in ${RUNS} random stack lifecycles, with duplicate events and crashes, the setting ends as in the last template`, async () => {
  await fc.assert(fc.asyncProperty(life, async ({ was, deployments, leaving }) => {
    const scene = await BlobMountingScene.open();
    const make = ({ deaths, ...deliveries }: typeof leaving) => Object.assign(scene, { deaths }) && Object.assign(scene.lambda, deliveries);
    const afterwards = (restore: boolean) => restore && original !== 'ENABLED' ? 'DISABLED' : 'ENABLED';
    let original: string | undefined = was;
    let restores = false;
    try {
      scene.ecr.value = was;
      for (const { restore, thenFails, looking, enabling } of deployments) {
        make(looking);
        await scene.look();
        make(enabling);
        const status = await scene.deploy(restore ? 'Restore' : undefined, { thenFails });
        if (status === 'ROLLBACK_COMPLETE') {
          expect(scene.ecr.value).toBe(afterwards(restore));
          // A first deployment that fails deletes all resources, and the next one starts from the current setting.
          await scene.before.delete();
          original = scene.ecr.value;
        } else {
          expect(scene.ecr.value).toBe('ENABLED');
          if (status !== 'UPDATE_ROLLBACK_COMPLETE') restores = restore;
        }
      }
      make(leaving);
      const left = scene.setting.resource === undefined ? scene.ecr.value : afterwards(restores);
      await scene.remove();
      expect(scene.ecr.value).toBe(left);
    } finally {
      await scene.close();
    }
  }), { numRuns: RUNS });
});
