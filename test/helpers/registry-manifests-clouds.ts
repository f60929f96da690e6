import { Answer, refused } from './registry-answers';
import { Manifests, Tags } from './registry-manifests';
import { Referrers } from './registry-referrers';
import { Missing } from './registry-store';

const REGISTRY = "in the registry with id '111122223333'";

/** Manifests of a cloud registry: returned for any Accept header, and with the status of the specification if they are too large. */
export class CloudManifests extends Manifests {
  protected override isUnderstood(): boolean {
    return true;
  }

  protected override tooLarge(): Answer {
    return refused(413, 'SIZE_INVALID', 'manifest too large');
  }

  protected override asked(tags: readonly string[], query: URLSearchParams): readonly string[] {
    return somePage(tags, query);
  }
}

/** Docker Hub: both digest algorithms, and OCI manifests only for clients that accept their type. */
export class HubManifests extends Manifests {
  protected override isAlgorithm(): boolean {
    return true;
  }

  protected override asked(tags: readonly string[], query: URLSearchParams): readonly string[] {
    return somePage(tags, query);
  }
}

/** ECR: it lists all missing parts in one sentence, and answers "unsupported" to invalid parameters of its own API. */
export class EcrManifests extends CloudManifests {
  /** @param incompleteStatus not known for sure: both 400 and 404 match the codes. */
  constructor(tags: Tags, referrers: Referrers, private readonly incompleteStatus: 400 | 404 = 404) {
    super(tags, referrers);
  }

  protected override wrongDigest(digest: string, name: string): Answer {
    const words = `The image with digest '${digest}' in repository '${name}' and registry ID '111122223333'`;
    return refused(400, 'MANIFEST_INVALID', `${words} does not match the image digest that Amazon ECR has calculated.`);
  }

  protected override tooLarge(): Answer {
    return refused(405, 'UNSUPPORTED', "Invalid parameter at 'ImageManifest' failed to satisfy constraint: 'Member must have length less than or equal to 4194304'");
  }

  protected override incomplete({ blobs, manifests }: Missing, name: string): Answer {
    const where = `required for pushing image into repository with name '${name}' ${REGISTRY} do not exist`;
    return blobs.length > 0
      ? refused(this.incompleteStatus, 'BLOB_UPLOAD_UNKNOWN', `Layers with digests '[${blobs.join(', ')}]' ${where}`)
      : refused(this.incompleteStatus, 'MANIFEST_BLOB_UNKNOWN', `Images with digests '[${manifests.join(', ')}]' ${where}`);
  }
}

/** The ECR error for a repository that does not exist. */
export function unknownToEcr(name: string): Answer {
  return refused(404, 'NAME_UNKNOWN', `The repository with name '${name}' does not exist ${REGISTRY}`);
}

function somePage(tags: readonly string[], query: URLSearchParams): readonly string[] {
  const after = tags.filter(tag => tag > (query.get('last') ?? ''));
  return query.has('n') ? after.slice(0, Number(query.get('n'))) : after;
}
