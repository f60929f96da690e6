import { LocalCloud } from '../../local/cloud';
import { Guest } from '../helpers/registry-guest';
import { TestImage } from '../helpers/registry-images';

interface StoredEntry {
  readonly digest: string;
  readonly platform: { readonly architecture: string };
  readonly annotations?: Readonly<Record<string, string>>;
}

/** A multi-platform image in the registry. */
interface StoredIndex extends TestImage {
  readonly json: { readonly manifests: readonly StoredEntry[] };
}

/** The registry of a local cloud, for a logged-in user. */
export function registryOf(cloud: LocalCloud): Guest {
  return new Guest({ origin: String(cloud.env.AWS_ENDPOINT_URL) });
}

/** The content that is stored under a digest. */
export async function manifestOf(cloud: LocalCloud, repository: string, digest = 'none'): Promise<StoredIndex> {
  const { status, headers, body } = await registryOf(cloud).ask('GET', `/v2/${repository}/manifests/${digest}`, { headers: { accept: '*/*' } });
  if (status !== 200) throw new Error(`${repository} does not have ${digest}: ${status}`);
  return { mediaType: String(headers['content-type']), digest, bytes: body, blobs: [], children: [], json: JSON.parse(String(body)) };
}

/** The tags of a repository. */
export async function tagsOf(cloud: LocalCloud, repository: string): Promise<string[]> {
  const { status, body } = await registryOf(cloud).ask('GET', `/v2/${repository}/tags/list`);
  if (status !== 200) throw new Error(`the tags of ${repository} cannot be listed: ${status}`);
  return JSON.parse(String(body)).tags;
}
