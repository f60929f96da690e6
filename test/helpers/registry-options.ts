import { basicAccess } from './registry-access';
import { Manifests } from './registry-manifests';
import { mountNothing } from './registry-mounts';
import { RegistryProfile, plain } from './registry-profiles';
import { bearerAccess } from './registry-tokens';

/** The behavior of a registry: a whole profile, or Docker's own registry with a few changes. */
export interface TestRegistryOptions {
  /** @default - Docker's own registry */
  readonly profile?: RegistryProfile;
  /** @default true */
  readonly mount?: boolean;
  /** `user:password` that every request must carry as Basic authorization. */
  readonly basic?: string;
  /** Realm of the bearer challenge; everybody gets a token. */
  readonly bearerRealm?: (origin: string) => string;
  /** Origin that serves blobs at `/storage/<digest>`. */
  readonly redirectBlobsTo?: string;
  /** @default false */
  readonly immutableTags?: boolean;
  /** Changes an answer before it is sent. */
  readonly change?: RegistryProfile['change'];
}

/** The profile of the options. */
export function profileOf(options: TestRegistryOptions): RegistryProfile {
  const { profile, mount = true, basic, bearerRealm, redirectBlobsTo, immutableTags = false, change } = options;
  return {
    ...profile ?? plain(),
    ...basic === undefined ? {} : { access: basicAccess(basic) },
    ...bearerRealm === undefined ? {} : { access: bearerAccess({ realm: bearerRealm, service: 'test' }) },
    ...mount ? {} : { mounts: mountNothing },
    ...redirectBlobsTo === undefined ? {} : { storage: new URL(redirectBlobsTo) },
    ...change === undefined ? {} : { change },
    ...immutableTags ? { manifests: new Manifests(() => 'immutable') } : {},
  };
}
