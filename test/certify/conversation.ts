import { Question, Said, ask } from '../helpers/registry-ask';
import { TestImage, descriptor, digest, image, index, manifest, sha256 } from '../helpers/registry-images';

/** One request with its answer, without the parts that differ between registries and days. */
export interface Line {
  readonly question: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Digest of the body, or the error codes. */
  readonly body: string;
}

const HEADERS = ['content-type', 'content-length', 'docker-content-digest', 'location', 'range', 'content-range', 'accept-ranges', 'link', 'oci-subject'];
const OCTETS = { 'content-type': 'application/octet-stream' };
const hello = Buffer.from('hello');
const HELLO = sha256(hello);
const NOBODY = sha256(Buffer.from('nobody has this'));

/** All requests of the specification, valid and invalid. A topic continues where the previous one ended. */
export const TOPICS: Readonly<Record<string, (talk: Talk) => Promise<void>>> = {
  'being a registry': welcome,
  'blobs': blobs,
  'uploads in chunks': chunks,
  'uploads that go wrong': wrongUploads,
  'mounts': mounts,
  'manifests': manifests,
  'manifests that go wrong': wrongManifests,
  'tags': tags,
  'removals': removals,
};

async function welcome(talk: Talk): Promise<void> {
  await talk.say('is it a registry', 'GET', '/v2/');
  await talk.say('a path that means nothing', 'GET', '/v2/team/web/nothing');
}

async function blobs(talk: Talk): Promise<void> {
  await talk.say('a blob that nobody has', 'GET', `/v2/team/web/blobs/${NOBODY}`);
  await talk.say('whether nobody has a blob', 'HEAD', `/v2/team/web/blobs/${NOBODY}`);
  await talk.say('a blob of another algorithm', 'GET', '/v2/team/web/blobs/md5:00');
  const upload = await talk.begin('team/web');
  await talk.say('an upload that has nothing', 'GET', upload);
  await talk.say('an upload ends', 'PUT', `${upload}&digest=${HELLO}`, { headers: OCTETS, body: hello });
  await talk.say('an upload ends twice', 'PUT', `${upload}&digest=${HELLO}`, { headers: OCTETS, body: hello });
  await talk.say('a blob', 'GET', `/v2/team/web/blobs/${HELLO}`);
  await talk.say('whether a blob is there', 'HEAD', `/v2/team/web/blobs/${HELLO}`);
  for (const range of ['0-0', '1-2', '3-', '-2', '0-99', '9-12', '2-1', 'x']) {
    await talk.say(`bytes ${range} of a blob`, 'GET', `/v2/team/web/blobs/${HELLO}`, { headers: { range: `bytes=${range}` } });
  }
  const empty = await talk.begin('team/web');
  await talk.say('an empty blob', 'PUT', `${empty}&digest=${sha256(Buffer.alloc(0))}`, { headers: OCTETS });
  const long = await talk.begin('team/web');
  await talk.say('a blob by its sha512', 'PUT', `${long}&digest=${digest(hello, 'sha512')}`, { headers: OCTETS, body: hello });
  await talk.say('whether a blob is there by its sha512', 'HEAD', `/v2/team/web/blobs/${digest(hello, 'sha512')}`);
  await talk.say('a blob in one request', 'POST', `/v2/team/web/blobs/uploads/?digest=${HELLO}`, { headers: OCTETS, body: hello });
}

async function chunks(talk: Talk): Promise<void> {
  const upload = await talk.begin('team/chunks');
  const first = await talk.say('a first chunk', 'PATCH', upload, { headers: { ...OCTETS, 'content-range': '0-2' }, body: 'hel' });
  await talk.say('an upload that has three bytes', 'GET', talk.next(first));
  const second = await talk.say('a second chunk', 'PATCH', talk.next(first), { headers: { ...OCTETS, 'content-range': '3-3' }, body: 'l' });
  await talk.say('an upload ends with its last chunk', 'PUT', `${talk.next(second)}&digest=${HELLO}`, { headers: OCTETS, body: 'o' });
  await talk.say('whether the chunks became a blob', 'HEAD', `/v2/team/chunks/blobs/${HELLO}`);
  const stream = await talk.say('a stream', 'PATCH', await talk.begin('team/chunks'), { headers: OCTETS, body: hello });
  await talk.say('a stream ends', 'PUT', `${talk.next(stream)}&digest=${HELLO}`);
  const stale = await talk.begin('team/chunks');
  await talk.say('a chunk before a stale address', 'PATCH', stale, { headers: OCTETS, body: 'hel' });
  await talk.say('a stale address', 'PATCH', stale, { headers: OCTETS, body: 'lo' });
}

async function wrongUploads(talk: Talk): Promise<void> {
  await talk.say('an upload that was never begun', 'PUT', `/v2/team/web/blobs/uploads/5e9ee8ed-6b0f-4d3f-a7a1-6a3d7d4a0a11?digest=${HELLO}`, { headers: OCTETS, body: hello });
  const wrong = await talk.begin('team/wrong');
  await talk.say('other bytes than the digest says', 'PUT', `${wrong}&digest=${HELLO}`, { headers: OCTETS, body: 'wrong' });
  const nameless = await talk.begin('team/wrong');
  await talk.say('an upload without a digest', 'PUT', nameless, { headers: OCTETS, body: hello });
  await talk.say('an upload with a digest of another algorithm', 'PUT', `${await talk.begin('team/wrong')}&digest=md5:00`, { headers: OCTETS, body: hello });
  await talk.say('whether the wrong bytes are there', 'HEAD', `/v2/team/wrong/blobs/${HELLO}`);
  const cancelled = await talk.begin('team/wrong');
  await talk.say('an upload is cancelled', 'DELETE', cancelled);
  await talk.say('an upload is cancelled twice', 'DELETE', cancelled);
  await talk.say('a cancelled upload ends', 'PUT', `${cancelled}&digest=${HELLO}`, { headers: OCTETS, body: hello });
}

async function mounts(talk: Talk): Promise<void> {
  await talk.say('a blob of another repository', 'POST', `/v2/team/mounts/blobs/uploads/?mount=${HELLO}&from=team/web`);
  await talk.say('whether the mounted blob is there', 'HEAD', `/v2/team/mounts/blobs/${HELLO}`);
  await talk.say('a blob of another repository by its sha512', 'POST', `/v2/team/mounts/blobs/uploads/?mount=${digest(hello, 'sha512')}&from=team/web`);
  await talk.say('whether the mounted blob is there by its sha512', 'HEAD', `/v2/team/mounts/blobs/${digest(hello, 'sha512')}`);
  await talk.say('a blob that the other repository lacks', 'POST', `/v2/team/mounts/blobs/uploads/?mount=${NOBODY}&from=team/web`);
  await talk.say('a blob of a repository that nobody knows', 'POST', `/v2/team/other/blobs/uploads/?mount=${HELLO}&from=team/nobody`);
  await talk.say('a blob of no repository in particular', 'POST', `/v2/team/other/blobs/uploads/?mount=${HELLO}`);
}

const web = image('web', [hello]);
const arm = image('arm', [hello]);
const all = index([web, arm]);
const signature = manifest('application/vnd.oci.image.manifest.v1+json', {
  artifactType: 'application/vnd.example.signature',
  config: descriptor('application/vnd.oci.empty.v1+json', Buffer.from('{}')),
  layers: [],
  subject: { mediaType: web.mediaType, digest: web.digest, size: web.bytes.length },
}, [Buffer.from('{}')]);

async function manifests(talk: Talk): Promise<void> {
  for (const blob of new Set([web, arm, signature].flatMap(({ blobs: each }) => each))) await talk.upload('team/web', blob);
  await talk.put('a manifest by its digest', 'team/web', web.digest, web);
  await talk.put('a manifest by a tag', 'team/web', 'v1', web);
  await talk.put('the same manifest by the same tag', 'team/web', 'v1', web);
  await talk.put('an index before its children', 'team/web', all.digest, all);
  await talk.put('a child', 'team/web', arm.digest, arm);
  await talk.put('an index after its children', 'team/web', 'all', all);
  await talk.put('a tag moves', 'team/web', 'v1', arm);
  await talk.put('a manifest with a subject', 'team/web', signature.digest, signature);
  await talk.say('the referrers of a manifest', 'GET', `/v2/team/web/referrers/${web.digest}`);
  for (const [words, version] of [['its tag', 'v1'], ['its digest', web.digest], ['the tag of an index', 'all']]) {
    await talk.say(`a manifest by ${words}`, 'GET', `/v2/team/web/manifests/${version}`, ACCEPT);
    await talk.say(`whether a manifest is there by ${words}`, 'HEAD', `/v2/team/web/manifests/${version}`, ACCEPT);
  }
  await talk.say('a manifest without saying what is understood', 'GET', '/v2/team/web/manifests/v1');
  await talk.say('a manifest when anything is understood', 'GET', '/v2/team/web/manifests/v1', { headers: { accept: '*/*' } });
  await talk.say('an index when only images are understood', 'GET', '/v2/team/web/manifests/all', { headers: { accept: web.mediaType } });
}

const ACCEPT: Question = { headers: { accept: `${web.mediaType}, ${all.mediaType}` } };

async function wrongManifests(talk: Talk): Promise<void> {
  await talk.say('a manifest of a repository that nobody knows', 'GET', '/v2/team/nobody/manifests/v1', ACCEPT);
  await talk.say('a tag that nobody knows', 'GET', '/v2/team/web/manifests/v9', ACCEPT);
  await talk.say('a digest that nobody knows', 'GET', `/v2/team/web/manifests/${NOBODY}`, ACCEPT);
  await talk.say('whether nobody knows a tag', 'HEAD', '/v2/team/web/manifests/v9', ACCEPT);
  await talk.put('a manifest by the digest of another', 'team/web', arm.digest, web);
  await talk.put('a manifest by its sha512', 'team/web', digest(web.bytes, 'sha512'), web);
  await talk.put('a manifest without its blobs', 'team/empty', 'v1', web);
  await talk.say('a manifest that is no JSON', 'PUT', '/v2/team/web/manifests/v1', { headers: { 'content-type': web.mediaType }, body: 'no' });
  await talk.say('a manifest of an unknown type', 'PUT', '/v2/team/web/manifests/v1', { headers: { 'content-type': 'text/plain' }, body: web.bytes });
  await talk.put('a manifest of less than four mebibytes', 'team/web', 'large', padded(4 * 1024 * 1024 - 1000));
  await talk.put('a manifest of more than four mebibytes', 'team/web', 'larger', padded(4 * 1024 * 1024 + 1000));
}

function padded(size: number): TestImage {
  const content = { config: descriptor('application/vnd.oci.image.config.v1+json', hello), layers: [] };
  return manifest(web.mediaType, { ...content, annotations: { padding: 'x'.repeat(size - 500) } }, [hello]);
}

async function tags(talk: Talk): Promise<void> {
  await talk.say('the tags of a repository', 'GET', '/v2/team/web/tags/list');
  await talk.say('the first tag', 'GET', '/v2/team/web/tags/list?n=1');
  await talk.say('the tags after one', 'GET', '/v2/team/web/tags/list?last=all');
  await talk.say('the tags of a repository that nobody knows', 'GET', '/v2/team/nobody/tags/list');
}

async function removals(talk: Talk): Promise<void> {
  await talk.say('a tag is deleted', 'DELETE', '/v2/team/web/manifests/large');
  await talk.say('a manifest is deleted', 'DELETE', `/v2/team/web/manifests/${arm.digest}`);
  await talk.say('a manifest is deleted twice', 'DELETE', `/v2/team/web/manifests/${arm.digest}`);
  await talk.say('a deleted manifest', 'GET', `/v2/team/web/manifests/${arm.digest}`, ACCEPT);
  await talk.say('the tag of a deleted manifest', 'GET', '/v2/team/web/manifests/v1', ACCEPT);
  await talk.say('a blob is deleted', 'DELETE', `/v2/team/web/blobs/${HELLO}`);
  await talk.say('a blob is deleted twice', 'DELETE', `/v2/team/web/blobs/${HELLO}`);
  await talk.say('a deleted blob', 'GET', `/v2/team/web/blobs/${HELLO}`);
}

/** A conversation with one registry. */
export class Talk {
  private readonly lines: Line[] = [];

  constructor(private readonly origin: string) {}

  /** The requests and answers since the last call. */
  public takeNews(): readonly Line[] {
    return this.lines.splice(0);
  }

  /** Sends one request and records the answer. */
  public async say(question: string, method: string, path: string, details?: Question): Promise<Said> {
    const said = await ask(method, new URL(path, this.origin), details);
    const headers = HEADERS.filter(name => said.headers[name] !== undefined && (said.status < 400 || name === 'docker-content-digest'))
      .map(name => [name, this.timeless(String(said.headers[name]))]);
    this.lines.push({ question, status: said.status, headers: Object.fromEntries(headers), body: this.content(said) });
    return said;
  }

  /** Begins an upload and returns its Location. */
  public async begin(name: string): Promise<string> {
    return this.next(await this.say('an upload begins', 'POST', `/v2/${name}/blobs/uploads/`));
  }

  /** Pushes a blob without recording it. */
  public async upload(name: string, blob: Buffer): Promise<void> {
    const upload = this.next(await ask('POST', new URL(`/v2/${name}/blobs/uploads/`, this.origin)));
    await ask('PUT', `${upload}&digest=${sha256(blob)}`, { headers: OCTETS, body: blob });
  }

  /** Pushes a manifest. */
  public async put(question: string, name: string, version: string, { mediaType, bytes }: TestImage): Promise<void> {
    await this.say(question, 'PUT', `/v2/${name}/manifests/${version}`, { headers: { 'content-type': mediaType }, body: bytes });
  }

  /** The Location for the next request. */
  public next({ headers: { location } }: Said): string {
    return new URL(location ?? '', this.origin).href;
  }

  private timeless(value: string): string {
    return value.replace(this.origin, '').replace(/(uploads\/)[^?]+(\?.*)?$/, '$1<upload>');
  }

  private content({ status, body }: Said): string {
    // The order in a file system is arbitrary.
    if (body.includes('"tags":')) return JSON.parse(body.toString()).tags.sort().join();
    if (status < 400) return sha256(body);
    return body[0] === 0x7b ? JSON.parse(body.toString()).errors.map(({ code }: { readonly code: string }) => code).join() : 'no code';
  }
}
