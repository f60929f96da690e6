import { LookupFunction } from 'node:net';
import { Clock } from './clock';
import { Pacing } from './pacing';

/** Which end of the copy something happened at. */
export type Side = 'source' | 'destination';

/** One set of registry credentials. */
export interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** Where credentials come from. Credentials belong to one exact host (with its port), never to a pattern. */
export interface CredentialsProvider {
  /**
   * The credentials of a registry, `undefined` for anonymous access.
   *
   * @param host exact `host[:port]` of the registry.
   * @param rejected credentials that the registry refused: answer with newer ones, or with nothing.
   */
  credentialsFor(host: string, rejected?: Credentials): Promise<Credentials | undefined>;
}

/** A tag that the image shall have. */
export interface TagRequest {
  readonly name: string;

  /** What to do when the tag already means another image. */
  readonly onOtherDigest: 'fail' | 'move';
}

/** What the destination shall have in the end. */
export interface CopyOptions {
  /**
   * A tag that remembers what was copied from this very source, so that the copy can be repeated when the source is
   * gone. For sources whose tags never mean two things.
   *
   * @default - a source that is gone is an error
   */
  readonly sourceTag?: string;

  /**
   * Bring signatures, attestations and whatever else refers to the image, too.
   *
   * @default false
   */
  readonly referrers?: boolean;

  /**
   * One more tag for an image that the destination had before, however long ago it was pushed.
   *
   * @default - none
   */
  readonly againTag?: (digest: string) => string;

  /** Which tags the image shall have once its digest is known. */
  tags(digest: string): readonly TagRequest[];
}

/** What the caller lends to one copy. */
export interface CopyHooks {
  /** @default - anonymous access everywhere */
  readonly credentials?: CredentialsProvider;

  /**
   * Credentials for reading the source, where they are others than those for the destination.
   *
   * @default - those of `credentials`
   */
  readonly sourceCredentials?: CredentialsProvider;

  /**
   * Origins by exact host, for registries that do not listen on `https://host`. The only way to plain http, and to
   * loopback, link-local and private addresses.
   *
   * @default - `https://host` for every host
   */
  readonly origins?: Readonly<Record<string, string>>;

  /**
   * Hosts that get the password of a side in exchange for a token, where it is not the registry's own.
   *
   * @default - what is known of Docker Hub and GitLab
   */
  readonly tokenHosts?: Readonly<Partial<Record<Side, string>>>;

  /**
   * When the whole copy must be over, on the clock's scale.
   *
   * @default - no deadline
   */
  readonly deadline?: number;

  /** @default - cannot be cancelled */
  readonly signal?: AbortSignal;

  /** @default - the system's clock */
  readonly clock?: Clock;

  /** Called for every blob that has gone through this process, and will not have to again. */
  readonly onStreamed?: () => void;

  /** @default - a pace of its own */
  readonly pacing?: Pacing;

  /** @default - the system's resolver */
  readonly lookup?: LookupFunction;
}

/** What a copy did. */
export interface CopyResult {
  readonly digest: string;
  /** Blobs that the registry took over from the source repository itself. */
  readonly mounted: number;
  /** Blobs that went through this process. */
  readonly streamed: number;
  /** Blobs that the destination had already. */
  readonly existing: number;
  /** Bytes of the streamed blobs. */
  readonly bytes: number;
  /**
   * What became of signatures and other referrers, in words.
   *
   * @default - they were not asked for, or the image was there already
   */
  readonly referrers?: string;
}

/** Content as a manifest describes it. */
export interface Descriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}
