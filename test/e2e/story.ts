import * as path from 'path';
import { LocalDeployment } from '../../local/cdk';
import { LocalCloud } from '../../local/cloud';
import { HELLO } from '../../local/hello';

/** The local cloud of the end-to-end test, and the example on it, built from a copy that the test may change. */
export function story() {
  const cloud = new LocalCloud('e2e', HELLO.baseImage);
  const app = path.join(cloud.folder, 'site', 'app');
  return { cloud, app, hello: new LocalDeployment(cloud, HELLO.app, { app }) };
}
