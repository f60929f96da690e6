import { Access, Time, ecrAccess, openAccess } from './registry-access';
import { Answer, Call, page } from './registry-answers';
import { Manifests, Tags } from './registry-manifests';
import { CloudManifests, EcrManifests, HubManifests, unknownToEcr } from './registry-manifests-clouds';
import { Mounts, mountNothing, mountWhatExists, mountWhatImagesHave } from './registry-mounts';
import { Pace, anyPace, putImagePace, windowPace } from './registry-pace';
import { referrersApi, referrersRefused } from './registry-referrers';
import { bearerAccess } from './registry-tokens';
import { Uploads } from './registry-uploads';
import { AcrUploads, EcrUploads, GarUploads, HubUploads } from './registry-uploads-clouds';
import { Credentials } from '../../src/engine/contract';

/** The behavior of one kind of registry. An object of this kind is for one registry, because uploads and rate limits have state. */
export interface RegistryProfile {
  readonly access: Access;
  readonly pace: Pace;
  readonly uploads: Uploads;
  readonly mounts: Mounts;
  readonly manifests: Manifests;
  /** The location of blobs. */
  readonly storage: 'here' | 'own storage' | URL;
  /** The answer for a repository that does not exist. @default - it is created */
  readonly unknownRepository?: (call: Call) => Answer | 'hang up';
  /** Changes an answer before it is sent. @default - no change */
  readonly change?: (call: Call, answer: Answer) => Answer;
  /** Answers everything, instead of a registry. */
  readonly instead?: (call: Call) => Answer;
}

/** Docker's own registry, version 2.8, as packaged: `test/certify` compares the two. */
export function plain(changes: Partial<RegistryProfile> = {}): RegistryProfile {
  return {
    access: openAccess(), pace: anyPace, uploads: new Uploads(), mounts: mountWhatExists, manifests: new Manifests(), storage: 'here', ...changes,
  };
}

/** Settings of an Amazon ECR registry. */
export interface EcrSettings {
  readonly clock: Time;
  /** @default - tags can be moved */
  readonly tags?: Tags;
  /** The account setting BLOB_MOUNTING. @default 'enabled' */
  readonly blobMounting?: 'enabled' | 'disabled';
  /** Artifacts that refer to an image. @default 'stored' */
  readonly artifacts?: 'stored' | 'refused';
  /** Status for a manifest that arrives before its parts. @default 404 */
  readonly incompleteStatus?: 400 | 404;
}

/** Amazon ECR. */
export function ecr({ clock, tags = () => 'mutable', blobMounting = 'enabled', artifacts = 'stored', incompleteStatus }: EcrSettings): RegistryProfile {
  return {
    access: ecrAccess(clock),
    pace: putImagePace(clock),
    uploads: new EcrUploads(),
    mounts: blobMounting === 'enabled' ? mountWhatImagesHave : mountNothing,
    manifests: new EcrManifests(tags, artifacts === 'stored' ? referrersApi : referrersRefused, incompleteStatus),
    storage: 'own storage',
    unknownRepository: ({ name, kind }) => kind === 'mount' || kind === 'POST upload' ? 'hang up' : unknownToEcr(name),
  };
}

/** Settings of a registry with tokens. */
export interface CloudSettings {
  readonly clock: Time;
  /** The number of requests per number of seconds. @default - no limit */
  readonly bears?: { readonly requests: number; readonly seconds: number };
}

/** Google Artifact Registry: its own tokens, one-piece uploads, long headers. */
export function gar({ clock }: CloudSettings): RegistryProfile {
  const service = 'us-docker.pkg.dev';
  const credentials = { username: 'oauth2accesstoken', password: 'gar-canary' };
  return plain({
    access: bearerAccess({ realm: origin => `${origin}/v2/token`, service, credentials, lifetime: 3600, clock }),
    uploads: new GarUploads(),
    manifests: new CloudManifests(() => 'mutable', referrersApi),
    storage: 'own storage',
  });
}

/** Azure Container Registry: its own tokens, uploads that are lost with their connection, 429 with Retry-After. */
export function acr({ clock, bears }: CloudSettings): RegistryProfile {
  const credentials = { username: 'service-principal', password: 'acr-canary' };
  return plain({
    access: bearerAccess({ realm: origin => `${origin}/oauth2/token`, service: 'example.azurecr.io', credentials, lifetime: 4500, clock }),
    pace: paceOf(clock, bears),
    uploads: new AcrUploads(),
    manifests: new CloudManifests(() => 'mutable', referrersApi),
    storage: 'own storage',
  });
}

/** Settings of Docker Hub. */
export interface HubSettings extends CloudSettings {
  /** Origin of the token service. @default - that of the registry */
  readonly tokenService?: string;
}

/** Docker Hub: tokens for five minutes, also anonymous ones, but only for pulls; 429 with Retry-After. */
export function hub({ clock, bears, tokenService }: HubSettings): RegistryProfile {
  return plain({
    access: bearerAccess({
      realm: origin => `${tokenService ?? origin}/token`, service: 'registry.docker.io', credentials: HUB_USER, anonymous: ['pull'], lifetime: 300, clock,
    }),
    pace: paceOf(clock, bears),
    uploads: new HubUploads(),
    manifests: new HubManifests(() => 'mutable', referrersApi),
    storage: 'own storage',
  });
}

const HUB_USER: Credentials = { username: 'me', password: 'hub-canary' };

/** A host that is not a registry: it has a web page for every path. */
export function website(status: 200 | 404): RegistryProfile {
  return plain({ instead: () => page(status, status === 200 ? 'Welcome' : 'Not found') });
}

function paceOf(clock: Time, bears: CloudSettings['bears']): Pace {
  return bears === undefined ? anyPace : windowPace(clock, bears.requests, bears.seconds);
}
