import { execFile } from 'child_process';
import { createHash } from 'crypto';
import * as http from 'http';
import { AddressInfo } from 'net';
import * as path from 'path';

/** One version of one package in a registry. */
export interface ServedPackage {
  readonly manifest: { readonly name: string; readonly version: string };
  readonly tarball: Buffer;
  /** The published hash; undefined publishes none. */
  readonly integrity?: string;
}

export interface NpmRegistry {
  readonly url: string;
  close(): Promise<void>;
}

/** The hash of `content` as npm writes it. */
export function sha512(content: Buffer): string {
  return `sha512-${createHash('sha512').update(content).digest('base64')}`;
}

/** An npm registry on loopback with a single package. */
export async function startNpmRegistry({ manifest, tarball, integrity }: ServedPackage): Promise<NpmRegistry> {
  const { name, version } = manifest;
  const file = `/${name}/-/${name}-${version}.tgz`;
  const server = http.createServer(({ url, headers }, response) => {
    if (url === `/${name}`) {
      const dist = { tarball: `http://${headers.host}${file}`, integrity };
      response.end(JSON.stringify({ name, 'dist-tags': { latest: version }, 'versions': { [version]: { ...manifest, dist } } }));
    } else if (url === file) {
      response.end(tarball);
    } else {
      response.writeHead(404).end('{}');
    }
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () => new Promise(resolve => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}

export interface NpmResult { readonly ok: boolean; readonly output: string }

/** Runs npm in `folder` with an empty cache and only the settings of the folder. The only registry is `registry`. */
export function npm(folder: string, registry: string, args: string[]): Promise<NpmResult> {
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    NO_PROXY: '127.0.0.1',
    npm_config_registry: registry,
    npm_config_cache: path.join(folder, 'cache'),
    npm_config_userconfig: path.join(folder, 'no-user-settings'),
    npm_config_globalconfig: path.join(folder, 'no-global-settings'),
    npm_config_fetch_retries: '0',
    npm_config_update_notifier: 'false',
  };
  return new Promise(resolve => execFile('npm', args, { cwd: folder, env }, (error, stdout, stderr) => resolve({ ok: !error, output: stdout + stderr })));
}
