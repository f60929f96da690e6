import { Token } from 'aws-cdk-lib';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, IConstruct } from 'constructs';
import { copyHandlerFor } from './gates';
import { checkTags, claimTags, liveTagPrefix } from './image-names';
import { checkHost, checkTokenHost, isDockerHub, REGISTRY_HOST, registryHost, REPOSITORY_PATH } from './references';
import { ImageCopy } from '../copy/image-copy';
import { checkSecret } from '../private/check-secret';
import { checkObject, hasMethods } from '../private/check-types';
import { childOf, outermostStack } from '../private/stacks';
import { checkPattern, reject } from '../private/validation';

/** An Azure Container Registry. */
export interface AzureRegistryOptions {
  /** The login server, e.g. `team.azurecr.io`. */
  readonly loginServer: string;

  /**
   * A token or service principal that may push, as JSON: `{"username":"…","password":"…"}`.
   *
   * @see https://learn.microsoft.com/azure/container-registry/container-registry-authentication
   */
  readonly credentials: ISecret;
}

/** A repository of Google's Artifact Registry. */
export interface GoogleArtifactRegistryOptions {
  /** The location of the repository, e.g. `europe-west1`. */
  readonly location: string;

  /** The project id; of a project with a domain like `example.com/my-project`. */
  readonly project: string;

  /** The name of the repository, in the format "Docker". */
  readonly repository: string;

  /**
   * A service account that may write, as JSON: `{"username":"_json_key","password":"<the key file as a string>"}`.
   *
   * @see https://cloud.google.com/artifact-registry/docs/docker/authentication#json-key
   */
  readonly credentials: ISecret;
}

/** Any registry that speaks the OCI Distribution API. */
export interface OciRegistryOptions {
  /** The host, with a port where it is not 443: `registry.example.com:5000`. It has to answer over https, at a public address. */
  readonly host: string;

  /** A user that may push, as JSON: `{"username":"…","password":"…"}`. */
  readonly credentials: ISecret;

  /**
   * The host that the registry sends to for tokens, where it is not its own. It gets user and password.
   *
   * @default - the registry's own host; of Docker Hub and GitLab the one that is known for them
   * @see https://distribution.github.io/distribution/spec/auth/token/
   */
  readonly tokenHost?: string;
}

/** Part of the address of an image, by the name of its property. */
interface Part {
  readonly property: string;
  readonly value: string;
}

/** Where a registry is, and who may push. */
interface Place {
  readonly host: Part & { readonly pattern: RegExp; readonly example: string };
  /** What the host is made of, where the user does not give it as a whole. */
  readonly hostOf?: (part: string) => string;
  /** What comes before the name of every image. */
  readonly folders: Part[];
  readonly credentials: ISecret;
  readonly tokenHost?: string;
}

/**
 * A registry outside of AWS that published images can be put into too.
 *
 * Not tried against the registries themselves: what is tested is the standard that they speak.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md
 */
export class ExternalRegistry {
  /**
   * An Azure Container Registry.
   *
   * @param options login server and credentials
   */
  public static azure(options: AzureRegistryOptions): ExternalRegistry {
    const { loginServer, credentials } = options ?? {};
    const host = {
      property: 'loginServer', value: loginServer, pattern: /^[a-z0-9]+(-[a-z0-9]+)*\.azurecr\.(io|cn|us)$/, example: 'team.azurecr.io',
    };
    return new ExternalRegistry({ host, folders: [], credentials });
  }

  /**
   * A repository of Google's Artifact Registry.
   *
   * @param options where it is, and credentials
   */
  public static googleArtifactRegistry(options: GoogleArtifactRegistryOptions): ExternalRegistry {
    const { location, project, repository, credentials } = options ?? {};
    return new ExternalRegistry({
      host: { property: 'location', value: location, pattern: /^[a-z]+(-[a-z]+\d*)*$/, example: 'europe-west1' },
      hostOf: each => `${each}-docker.pkg.dev`,
      folders: [{ property: 'project', value: project }, { property: 'repository', value: repository }],
      credentials,
    });
  }

  /**
   * Any registry that speaks the OCI Distribution API.
   *
   * @param options host and credentials
   */
  public static oci(options: OciRegistryOptions): ExternalRegistry {
    const { host: value, credentials, tokenHost } = options ?? {};
    const host = { property: 'host', value, pattern: REGISTRY_HOST, example: 'registry.example.com' };
    return new ExternalRegistry({ host, folders: [], credentials, tokenHost });
  }

  // From JavaScript the options may be missing: publishTo says so, because it knows where.
  private constructor(private readonly place: Place) {}

  /**
   * Who may push.
   *
   * @internal
   */
  public get _credentials(): ISecret {
    return this.place.credentials;
  }

  /**
   * The host that gives tokens, if it is not known anyway.
   *
   * @internal
   */
  public get _tokenHost(): string | undefined {
    return this.place.tokenHost;
  }

  /**
   * `host/repository` for an image of this name.
   *
   * @internal
   */
  public _repository(scope: IConstruct, name: string): string {
    const { host, hostOf = (each: string) => each, folders, tokenHost } = this.place;
    const parts = [...folders, { property: 'name', value: name }];
    [host, ...parts].forEach(part => checkKnown(scope, part));
    checkHost(scope, { ...host, must: `be like "${host.example}"`, fix: 'Give the name alone, without https:// and without a path.' });
    parts.forEach(part => checkPattern(scope, {
      ...part,
      pattern: REPOSITORY_PATH,
      must: 'be lower-case letters and digits with single ".", "_", "-" or "/" between them',
      fix: 'Write it like "team/web".',
    }));
    checkTokenHost(scope, tokenHost);
    if (isDockerHub(registryHost(host.value)) && !name.includes('/')) {
      reject(scope, { property: 'name', must: 'begin with a user or an organization on Docker Hub', got: name, fix: 'Write it like "team/web".' });
    }
    return [registryHost(hostOf(host.value)), ...parts.map(({ value }) => value)].join('/');
  }
}

/** An address is part of an id, and cannot wait for the deployment. */
function checkKnown(scope: IConstruct, { property, value }: Part): void {
  if (Token.isUnresolved(value)) {
    reject(scope, { property, must: 'be known at synthesis', got: 'a token', fix: 'Write it as plain text.' });
  }
}

/** How an image is put into another registry. */
export interface PublishToOptions {
  /** The name of the image there, e.g. `team/web`. */
  readonly name: string;

  /**
   * Tags for people to find the image by, beside the `live-…` tag that it always gets. They do not move: the deployment
   * fails when one of them names another image already.
   *
   * @default - no further tags
   */
  readonly tags?: string[];
}

/** An image of the user's repository, put into a registry outside of AWS; answers its address there, by digest. */
export function publishExternally(
  image: Construct, repository: IRepository, imageUri: string, registry: ExternalRegistry, options: PublishToOptions,
): string {
  checkRegistry(image, registry);
  checkObject(image, 'options', options, 'Name the image there: publishTo(registry, { name: \'team/web\' }).');
  const tags = options.tags ?? [];
  checkTags(image, tags);
  const destination = registry._repository(image, options.name);
  const id = `To-${destination}`;
  if (childOf(image, id)) {
    reject(image, {
      property: 'name', must: 'be new in this registry', got: options.name, fix: 'Give all tags at once: publishTo(registry, { name, tags }).',
    });
  }
  claimTags(image, tags, outermostStack(image), destination);
  const handler = copyHandlerFor(repository, image);
  repository.grantPull(handler);
  registry._credentials.grantRead(handler);
  const copy = new ImageCopy(image, id, {
    handler,
    source: imageUri,
    destination,
    destinationCredentials: registry._credentials.secretArn,
    destinationTokenHost: registry._tokenHost,
    referrers: true,
    liveTagPrefix: liveTagPrefix(image, repository),
    tags,
  });
  return `${destination}@${copy.imageDigest}`;
}

function checkRegistry(image: Construct, registry: ExternalRegistry): void {
  if (!hasMethods(registry, '_repository')) {
    reject(image, { property: 'registry', must: 'be an ExternalRegistry', got: registry, fix: 'Make one, e.g. ExternalRegistry.azure({ … }).' });
  }
  checkSecret(image, 'credentials', registry._credentials);
}
