import { listReferrers } from '../../../src/engine/referrers';
import { Page, RegistryClient } from '../../../src/engine/registry-client';
import { sha256 } from '../../helpers/registry-images';

const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const named = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: sha256(Buffer.from('referrer')), size: 7, artifactType: 'application/vnd.example' };

/** The parts of an entry in a list of referrers that are kept. */
async function kept(entry: object) {
  const page: Page = { isLast: true, manifest: { mediaType: OCI_INDEX, digest: '', bytes: Buffer.from(JSON.stringify({ manifests: [entry] })) } };
  const client = {
    getReferrers: async () => page, connection: { saying: async <T>(_: unknown, step: () => T) => step(), clean: (text: string) => text },
  } as unknown as RegistryClient;
  const { referrers: [referrer] } = await listReferrers(named.digest, client, { referrers: 200, isLate: () => false });
  return referrer;
}

test('a small entry is kept unchanged', async () => {
  const entry = { ...named, annotations: { a: 'x'.repeat(7_000), b: ['c'] }, other: 1 };

  expect((await kept(entry)).json).toEqual(entry);
});

test.each([
  ['a long annotation', { annotations: { a: 'x'.repeat(8_192) } }],
  ['many annotations', { annotations: Object.fromEntries(Array.from({ length: 1_000 }, (_, number) => [`a${number}`, 'b'])) }],
  ['another large field', { other: Array(5_000).fill({}) }],
  ['its content in itself', { data: 'x'.repeat(100_000) }],
])('an entry with %s is kept without it', async (_, large) => {
  const { mediaType, digest, size } = named;

  expect(await kept({ ...named, ...large })).toEqual({ kind: named.artifactType, mediaType, digest, size, json: named });
});

test('long types are not kept', async () => {
  const { digest, size } = named;

  expect(await kept({ ...named, mediaType: 'm'.repeat(9_000), artifactType: 'a'.repeat(9_000) }))
    .toEqual({ kind: 'a text of 9000 characters', mediaType: '', digest, size, json: { mediaType: '', digest, size } });
});
