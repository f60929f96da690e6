import { Duration, Fn, Lazy, Stack, Token } from 'aws-cdk-lib';
import { AuthorizationToken, IRepository } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { LOGINS_VARIABLE, RegistryLogin, formatLogin, formatLogins } from './image-copy-properties';
import type { ImageCopyData, ImageCopyProperties } from './image-copy-properties';
import { ImageChecker } from '../image-check/container-image-check';
import { ImageResource } from '../private/custom-resource-handler';
import { PUSH_ACTIONS } from '../private/permissions';
import { sentence } from '../private/validation';

/** Properties of an `ImageCopy`. */
export interface ImageCopyProps {
  readonly handler: CopyHandler;
  /** The image to read: `host/repository:tag` or `host/repository@digest`. */
  readonly source: string;
  /** Images of further platforms, to join with the source to one index. */
  readonly furtherPlatforms?: string[];
  /** Whether the tag of the source never moves. */
  readonly sourceNeverMoves?: boolean;
  /** Whether to copy the referrers of the image. */
  readonly referrers?: boolean;
  /** The platforms to copy. All by default. */
  readonly platforms?: string[];
  /** The ARN of the secret for the registry of the source. */
  readonly sourceCredentials?: string;
  /** The host that gets these credentials in exchange for a token. */
  readonly sourceTokenHost?: string;
  /** The identity in another cloud for the registry of the source, as text. */
  readonly sourceIdentity?: string;
  /** The repository that receives it: `host/repository`. */
  readonly destination: string;
  /** The ARN of the secret for the registry of the destination. */
  readonly destinationCredentials?: string;
  /** The host that gets these credentials in exchange for a token. */
  readonly destinationTokenHost?: string;
  /** The identity in another cloud for the registry of the destination, as text. */
  readonly destinationIdentity?: string;
  /** The prefix of the live tag. The handler adds the start of the digest, so no other image can have the tag. */
  readonly liveTagPrefix: string;
  /** Whether an image that is already there is marked as deployed again. */
  readonly keepWhenThere?: boolean;
  /** Additional tags, which never move. */
  readonly tags: string[];
  /** Additional tags, which may move from another image. */
  readonly floatingTags?: string[];
}

/** The copy of one image into the repository during deployment. */
export class ImageCopy extends Construct {
  /** The digest, `sha256:…`. Known at deployment. */
  public readonly imageDigest: string;
  /** The live tag. Known at deployment. */
  public readonly imageTag: string;

  constructor(scope: Construct, id: string, props: ImageCopyProps) {
    super(scope, id);
    allowLogin(props.handler, 'source', props.source, props.sourceIdentity ?? props.sourceCredentials, props.sourceTokenHost);
    allowLogin(props.handler, 'destination', props.destination, props.destinationIdentity ?? props.destinationCredentials, props.destinationTokenHost);
    const properties: ImageCopyProperties = {
      SchemaVersion: '1',
      Source: props.source,
      ...(props.furtherPlatforms?.length && { FurtherPlatforms: props.furtherPlatforms }),
      SourceNeverMoves: props.sourceNeverMoves ? 'true' : undefined,
      Referrers: props.referrers ? 'true' : undefined,
      ...(props.platforms && { Platforms: props.platforms }),
      SourceCredentials: props.sourceCredentials,
      SourceTokenHost: props.sourceTokenHost,
      SourceIdentity: props.sourceIdentity,
      Destination: props.destination,
      DestinationCredentials: props.destinationCredentials,
      DestinationTokenHost: props.destinationTokenHost,
      DestinationIdentity: props.destinationIdentity,
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

function allowLogin(handler: CopyHandler, side: RegistryLogin['side'], reference: string, by?: string, tokenHost?: string): void {
  if (by !== undefined) handler.mayLogIn({ side, by, host: hostOf(reference), tokenHost });
}

/** The host of a reference, which may only be known at deployment. */
function hostOf(reference: string): string {
  const [host] = reference.split('/');
  return Token.isUnresolved(host) ? Fn.select(0, Fn.split('/', host)) : host;
}

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const MAX_ENVIRONMENT_BYTES = 4096;
// The shortest possible values, for those that are only known at deployment.
const LEAST_ARN = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:x';
const LEAST_HOST = 'a.io';

/** A function that copies images, and checks them where they run in the same stack. It has only the permissions and logins that it needs. */
export class CopyHandler extends ImageChecker {
  private readonly destinations = new Set<IRepository>();
  private readonly logins = new Map<string, RegistryLogin>();

  constructor(scope: Construct, id: string) {
    super(scope, id, {
      bundle: 'copy/image-copy.lambda', description: 'Copies container images during deployments', timeout: Duration.minutes(15),
      // The CPU time grows with it. 1,024 MB cost the least per GB (docs/benchmarks.md).
      memorySize: 1024,
      // The maximum, because a large image takes several invocations.
      serviceTimeout: Duration.hours(1),
    });
    AuthorizationToken.grantRead(this.role);
    this.mayInvokeItself();
    this.node.addValidation({ validate: () => this.tooManyLogins() });
  }

  /** Allows the function to push to a repository. */
  public mayWrite(repository: IRepository): void {
    if (this.destinations.has(repository)) return;
    this.destinations.add(repository);
    // No list, describe or delete: the handler does not need them.
    repository.grant(this, ...PUSH_ACTIONS);
  }

  /** Allows the function to send a secret or the token of an identity to a host. It rejects all other pairs, no matter who invokes it. */
  public mayLogIn(login: RegistryLogin): void {
    if (this.logins.size === 0) {
      this.addEnvironment(LOGINS_VARIABLE, Lazy.string({ produce: () => formatLogins(this.sortedLogins()) }));
    }
    this.logins.set(formatLogin(login), login);
  }

  /** All logins, each once, in an order that does not depend on the order of the images. */
  private sortedLogins(): string[] {
    const stack = Stack.of(this);
    // Different tokens can result in the same ARN.
    const logins = new Map([...this.logins.keys()].map(login => [JSON.stringify(stack.resolve(login)), login]));
    return [...logins].sort(([one], [other]) => one < other ? -1 : 1).map(([, login]) => login);
  }

  /** The error if Lambda would reject the environment during the deployment. */
  private tooManyLogins(): string[] {
    const logins = this.sortedLogins().flatMap(login => this.logins.get(login) ?? []);
    const bytes = LOGINS_VARIABLE.length + Buffer.byteLength(formatLogins(logins.map(least).map(formatLogin)));
    return bytes <= MAX_ENVIRONMENT_BYTES ? [] : [sentence({
      property: 'credentials',
      must: `fit into ${MAX_ENVIRONMENT_BYTES} bytes together with their hosts, which is what Lambda takes as environment of a function`,
      got: `${logins.length} pairs of secret and host with at least ${bytes} bytes`,
      fix: 'Use one secret for each registry, or publish some of the images into another repository, which has its own copy function.',
    })];
  }
}

/** A login with the shortest possible values for those that are only known at deployment. */
function least({ side, by, host, tokenHost }: RegistryLogin): RegistryLogin {
  const known = (value: string, shortest: string) => Token.isUnresolved(value) ? shortest : value;
  return { side, by: known(by, LEAST_ARN), host: known(host, LEAST_HOST), tokenHost: tokenHost && known(tokenHost, LEAST_HOST) };
}
