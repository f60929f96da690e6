import { Fn, Token } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { CopyHandler } from './copy-handler';
import type { ImageCopyData, ImageCopyProperties } from './image-copy-properties';
import { RegistryLogin } from './registry-logins';
import { ImageResource } from '../private/handler-function';

/** What is copied, by whom, from where and to where. */
export interface ImageCopyProps {
  readonly handler: CopyHandler;
  /** The image to read: `host/repository:tag` or `host/repository@digest`. */
  readonly source: string;
  /** Images to join with the source to one index. */
  readonly furtherPlatforms?: string[];
  /** Whether the tag of the source never means two things. */
  readonly sourceNeverMoves?: boolean;
  /** Whether to bring what refers to the image, too. */
  readonly referrers?: boolean;
  /** ARN of the secret for the registry of the source. */
  readonly sourceCredentials?: string;
  /** Host that gets them in exchange for a token. */
  readonly sourceTokenHost?: string;
  /** The repository that receives it: `host/repository`. */
  readonly destination: string;
  /** ARN of the secret for the registry of the destination. */
  readonly destinationCredentials?: string;
  /** Host that gets them in exchange for a token. */
  readonly destinationTokenHost?: string;
  /** The handler adds the start of the digest, so the tag is never taken by another image. */
  readonly liveTagPrefix: string;
  /** Whether an image that is there already is marked as deployed again. */
  readonly keepWhenThere?: boolean;
  /** Further tags, which never move. */
  readonly tags: string[];
  /** Further tags, which may be taken over from another image. */
  readonly floatingTags?: string[];
}

/** One image, put into the repository during deployment. */
export class ImageCopy extends Construct {
  /** `sha256:…`, known when it is deployed. */
  public readonly imageDigest: string;
  /** The live tag, known when it is deployed. */
  public readonly imageTag: string;

  constructor(scope: Construct, id: string, props: ImageCopyProps) {
    super(scope, id);
    allowLogin(props.handler, 'source', props.source, props.sourceCredentials, props.sourceTokenHost);
    allowLogin(props.handler, 'destination', props.destination, props.destinationCredentials, props.destinationTokenHost);
    const properties: ImageCopyProperties = {
      SchemaVersion: '1',
      Source: props.source,
      ...(props.furtherPlatforms?.length && { FurtherPlatforms: props.furtherPlatforms }),
      SourceNeverMoves: props.sourceNeverMoves ? 'true' : undefined,
      Referrers: props.referrers ? 'true' : undefined,
      SourceCredentials: props.sourceCredentials,
      SourceTokenHost: props.sourceTokenHost,
      Destination: props.destination,
      DestinationCredentials: props.destinationCredentials,
      DestinationTokenHost: props.destinationTokenHost,
      LiveTagPrefix: props.liveTagPrefix,
      KeepWhenThere: props.keepWhenThere ? 'true' : undefined,
      ...(props.tags.length > 0 && { Tags: props.tags }),
      ...(props.floatingTags?.length && { FloatingTags: props.floatingTags }),
    };
    const resource = new ImageResource<ImageCopyData>(this, { resourceType: 'Custom::ContainerImageCopy', handler: props.handler, properties });
    this.imageDigest = resource.imageDigest;
    this.imageTag = resource.data('Tag');
  }
}

function allowLogin(handler: CopyHandler, side: RegistryLogin['side'], reference: string, secretArn?: string, tokenHost?: string): void {
  if (secretArn !== undefined) handler.mayLogIn({ side, secretArn, host: hostOf(reference), tokenHost });
}

/** The host of a reference, also of one that is only known at deployment. */
function hostOf(reference: string): string {
  const [host] = reference.split('/');
  return Token.isUnresolved(host) ? Fn.select(0, Fn.split('/', host)) : host;
}
