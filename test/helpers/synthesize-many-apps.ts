// A program that synthesizes all apps into the given folder, each into a separate folder, with the current working directory.
import './other-clock';
import * as path from 'path';
import { App } from 'aws-cdk-lib';
import { MANY_APPS, RESTLESS_APP } from './many-apps';

for (const [about, build] of Object.entries({ ...MANY_APPS, restless: RESTLESS_APP })) {
  const app = new App({ outdir: path.join(process.argv[2], about) });
  build(app);
  app.synth();
}
