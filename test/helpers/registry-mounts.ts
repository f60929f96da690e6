import { TestRepository } from './registry-store';

/** A request to mount a blob from another repository. */
export interface MountRequest {
  readonly digest: string;
  readonly from: TestRepository;
  readonly to: TestRepository;
}

/** Whether a blob is mounted. Otherwise an upload starts. */
export type Mounts = (request: MountRequest) => boolean;

/** Existing blobs are mounted. */
export const mountWhatExists: Mounts = ({ digest, from }) => from.blob(digest) !== undefined;

/** The setting is off. */
export const mountNothing: Mounts = () => false;

/** ECR: an image of the other repository must have the blob, and both repositories the same key. */
export const mountWhatImagesHave: Mounts = ({ digest, from, to }) => {
  return from.blob(digest) !== undefined && from.refersTo(digest) && from.encryptionKey === to.encryptionKey;
};
