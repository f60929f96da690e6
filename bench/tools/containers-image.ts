import { writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { CopyJob, certificatesOf } from './tool';
import { cleanEnvironment } from '../machine/program';

/**
 * The environment for programs that use containers/image (skopeo, cdk-ecr-deployment): the certificates of the registries, and a
 * separate empty cache, as in a new Lambda environment.
 */
export function containersImageEnvironment({ from, to, scratch }: Pick<CopyJob, 'from' | 'to' | 'scratch'>): NodeJS.ProcessEnv {
  const registries = path.join(scratch, 'registries.conf');
  const insecure = [from, to].filter(({ certificate }) => certificate === undefined).map(({ host }) => host);
  writeFileSync(registries, [...new Set(insecure)].map(host => `[[registry]]\nlocation = "${host}"\ninsecure = true\n`).join('\n'));
  return cleanEnvironment({
    SSL_CERT_FILE: certificatesOf({ from, to, scratch }),
    CONTAINERS_REGISTRIES_CONF: registries,
    HOME: scratch,
    XDG_DATA_HOME: scratch,
    XDG_RUNTIME_DIR: scratch,
    // For root, the cache would be shared by the whole machine.
    _CONTAINERS_ROOTLESS_UID: '1000',
  });
}
