import { Scene } from './test/helpers/fault-proxy-scene';
import { image, index, layer } from './test/helpers/registry-images';
(async () => {
  const base = layer('base', 16384);
  for (const oneRegistry of [false, true]) {
    const scene = await Scene.start({ image: index([image('arm64', [base]), image('amd64', [base])]), oneRegistry });
    for (let i = 0; i < 20; i++) { scene.clear(); await scene.deliver(); }
    const t0 = performance.now(); const c0 = process.cpuUsage();
    for (let i = 0; i < 200; i++) { scene.clear(); await scene.deliver(); }
    const c = process.cpuUsage(c0);
    console.log('ms per run', (performance.now() - t0) / 200, 'user', c.user / 200e3, 'sys', c.system / 200e3);
    await scene.stop();
  }
})();
