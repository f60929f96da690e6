import { Answer, Call, json, refused } from './registry-answers';
import { ManifestFields, TestRepository, fieldsOf } from './registry-store';

/** How a registry handles manifests with a subject. */
export interface Referrers {
  /** The answer to a request for the referrers of a digest. */
  list(call: Call, repository: TestRepository): Answer;

  /** A rejection, or headers for the answer to a manifest with a subject. */
  accept(fields: ManifestFields): Answer | NonNullable<Answer['headers']>;
}

const INDEX = 'application/vnd.oci.image.index.v1+json';

/** A registry before version 1.1 of the specification: it stores such manifests and ignores their subject. */
export const noReferrers: Referrers = {
  list: () => ({ status: 404, headers: { 'content-type': 'text/plain; charset=utf-8' }, body: Buffer.from('404 page not found\n') }),
  accept: () => ({}),
};

/** The referrers API. */
export const referrersApi: Referrers = {
  list: ({ reference, url }, repository) => {
    const wanted = url.searchParams.get('artifactType');
    const all = repository.referrers(reference).map(({ bytes, digest, mediaType }) => {
      const { artifactType, config, annotations } = fieldsOf(bytes);
      return { mediaType, digest, size: bytes.length, artifactType: artifactType ?? config?.mediaType, annotations };
    });
    const manifests = wanted === null ? all : all.filter(({ artifactType }) => artifactType === wanted);
    const filtered: Record<string, string> = wanted === null ? {} : { 'oci-filters-applied': 'artifactType' };
    return json({ schemaVersion: 2, mediaType: INDEX, manifests }, { 'content-type': INDEX, ...filtered });
  },
  accept: ({ subject }): NonNullable<Answer['headers']> => subject === undefined ? {} : { 'oci-subject': subject.digest },
};

/** ECR at times: it has the API, but rejects artifacts with a subject with 405. */
export const referrersRefused: Referrers = {
  ...referrersApi,
  accept: fields => fields.subject !== undefined && fields.artifactType !== undefined
    ? refused(405, 'UNSUPPORTED', "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Invalid JSON syntax'")
    : referrersApi.accept(fields),
};

/** The referrers API with short pages. */
export function pagedReferrersApi(size: number): Referrers {
  return {
    ...referrersApi,
    list: (call, repository) => {
      const whole = referrersApi.list(call, repository);
      const { manifests, ...index } = JSON.parse(String(whole.body));
      const from = Number(call.url.searchParams.get('from') ?? 0);
      const next = from + size < manifests.length ? { link: `<${call.url.pathname}?from=${from + size}>; rel="next"` } : undefined;
      return json({ ...index, manifests: manifests.slice(from, from + size) }, { ...whole.headers, ...next });
    },
  };
}
