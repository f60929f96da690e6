import * as fs from 'fs';
import * as path from 'path';
import type * as library from '../../src';

const SRC = path.join(__dirname, '..', '..', 'src');

/** Another copy of this package with the same CDK: what an app gets whose libraries bring a copy each. */
export function secondCopy(): typeof library {
  const cdk = new Map(modulesOfCdk().map(name => [name, jest.requireActual<object>(name)]));
  let copy: typeof library | undefined;
  jest.isolateModules(() => {
    cdk.forEach((module, name) => jest.doMock(name, () => module));
    copy = jest.requireActual<typeof library>('../../src');
  });
  cdk.forEach((_, name) => jest.dontMock(name));
  if (copy === undefined) throw new Error('There is no second copy.');
  return copy;
}

/** The modules of CDK that the sources name. */
function modulesOfCdk(): string[] {
  const files = fs.readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.ts'));
  const names = files.flatMap(file => [...fs.readFileSync(path.join(SRC, file), 'utf8').matchAll(/from '((?:aws-cdk-lib|constructs)[^']*)'/g)].map(([, name]) => name));
  return [...new Set(names)];
}
