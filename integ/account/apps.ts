import { blueGreen, blueGreenNetwork } from './apps/blue-green';
import { directPush } from './apps/direct-push';
import { hello } from './apps/hello';
import { lifecycle } from './apps/lifecycle';
import { mirror } from './apps/mirror';
import { oneOffTask } from './apps/one-off-task';
import { scanGate } from './apps/scan-gate';
import { signatures } from './apps/signatures';
import { Scene, SceneProps } from './scene';

/** The apps of the account suite, by the name of their test. */
export const APPS: Readonly<Record<string, (props: SceneProps) => Scene>> = {
  'hello': hello,
  'blue-green': blueGreen,
  'blue-green-network': blueGreenNetwork,
  'one-off-task': oneOffTask,
  'lifecycle': lifecycle,
  'signatures': signatures,
  'scan-gate': scanGate,
  'direct-push': directPush,
  'mirror': mirror,
};
