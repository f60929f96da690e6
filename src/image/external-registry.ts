import { Token } from 'aws-cdk-lib';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, IConstruct } from 'constructs';
import { copyHandlerFor } from './gates';
import { checkTags, claimTags, liveTagPrefix, TAGS } from './image-names';
import { checkHost, checkLogin, checkTokenHost, isDockerHub, REGISTRY_HOST, registryHost, REPOSITORY_PATH } from './references';
import { AzureIdentity } from '../azure/azure-identity';
import { ImageCopy } from '../copy/image-copy';
import { checkIdentity, CloudIdentity, identityRule } from '../federation/cloud-identity';
import { EXTERNAL_REGISTRY, IExternalRegistry } from '../federation/external-registry-contract';
import { GoogleIdentity } from '../google/google-identity';
import { HOST_FIX, LOGIN_SERVER, SECRET } from '../private/rules';
import { checkValue, Shape, TextRule } from '../private/shape';
import { childOf, outermostStack } from '../private/stacks';
import { reject } from '../private/validation';

/** Options of `ExternalRegistry.azure`. */
export interface ExternalRegistryAzureOptions {
  /** The login server, e.g. `team.azurecr.io`. */
  readonly loginServer: string;

  /**
   * A token or service principal that can push, as JSON: `{"username":"…","password":"…"}`. Either this or `identity` is required.
   *
   * @default - `identity`
   * @see https://learn.microsoft.com/azure/container-registry/container-registry-authentication
   */
  readonly credentials?: ISecret;

  /**
   * An identity that can push, without a password. Either this or `credentials` is required.
   *
   * @default - `credentials`
   */
  readonly identity?: AzureIdentity;
}

/** Options of `ExternalRegistry.googleArtifactRegistry`. */
export interface ExternalRegistryGoogleArtifactRegistryOptions {
  /** The location of the repository, e.g. `europe-west1`. */
  readonly location: string;

  /** The project ID. For a project in a domain, `example.com/my-project`. */
  readonly project: string;

  /** The name of the repository, in the format "Docker". */
  readonly repository: string;

  /**
   * A service account that can write, as JSON: `{"username":"_json_key","password":"<the key file as a string>"}`. Either this or `identity` is required.
   *
   * @default - `identity`
   * @see https://cloud.google.com/artifact-registry/docs/docker/authentication#json-key
   */
  readonly credentials?: ISecret;

  /**
   * A service account that can write, without a key. Either this or `credentials` is required.
   *
   * @default - `credentials`
   */
  readonly identity?: GoogleIdentity;
}

/** Options of `ExternalRegistry.oci`. */
export interface ExternalRegistryOciOptions {
  /** The host, with the port unless it is 443: `registry.example.com:5000`. It must support https and have a public address. */
  readonly host: string;

  /** A user that can push, as JSON: `{"username":"…","password":"…"}`. */
  readonly credentials: ISecret;

  /**
   * The host that issues tokens, if the registry uses another host. It receives user and password.
   *
   * @default - the host of the registry. For Docker Hub and GitLab, their token host.
   * @see https://distribution.github.io/distribution/spec/auth/token/
   */
  readonly tokenHost?: string;
}

const CREDENTIALS = { ...SECRET, required: true } as const;
const LOGIN = { username: 'Store user and password in a secret, and write `credentials`.', password: 'Store user and password in a secret, and write `credentials`.' };
const PATH: TextRule & { readonly required: true } = {
  kind: 'text', required: true, pattern: REPOSITORY_PATH, must: 'be lower-case letters and digits with single ".", "_", "-" or "/" between them',
  fix: 'Write it like "team/web".',
};

export const AZURE_REGISTRY = new Shape<ExternalRegistryAzureOptions>('Write { loginServer, identity } or { loginServer, credentials }.', {
  loginServer: LOGIN_SERVER, credentials: SECRET, identity: identityRule('AzureIdentity'),
}, {
  ...LOGIN, host: 'Write `loginServer`.', registry: 'Write `loginServer`.',
});

export const GOOGLE_REGISTRY = new Shape<ExternalRegistryGoogleArtifactRegistryOptions>('Write { location, project, repository, identity } or { location, project, repository, credentials }.', {
  location: { kind: 'text', required: true, pattern: /^[a-z0-9]+(-[a-z0-9]+)*$/, must: 'be like "europe-west1"', fix: 'Write the location of the repository.' },
  project: PATH,
  repository: PATH,
  credentials: SECRET,
  identity: identityRule('GoogleIdentity'),
}, { ...LOGIN, host: 'Write `location`.', region: 'Write `location`.', projectId: 'Write `project`.' });

export const OCI_REGISTRY = new Shape<ExternalRegistryOciOptions>('Write { host, credentials }.', {
  host: { kind: 'text', required: true, pattern: REGISTRY_HOST, must: 'be like "registry.example.com"', fix: HOST_FIX },
  credentials: CREDENTIALS,
  tokenHost: { kind: 'other' },
}, { ...LOGIN, url: 'Write `host`.', endpoint: 'Write `host`.' });

/**
 * A registry outside of AWS that published images can be pushed to.
 *
 * Not tested against the registries themselves. The tests use a registry that implements the OCI Distribution API.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md
 */
export class ExternalRegistry implements IExternalRegistry {
  /**
   * An Azure Container Registry.
   *
   * @param options login server, and identity or credentials
   */
  public static azure(options: ExternalRegistryAzureOptions): ExternalRegistry {
    return new ExternalRegistry(options, AZURE_REGISTRY, ({ loginServer }) => ({ property: 'loginServer', host: loginServer, folders: {} }));
  }

  /**
   * A repository of Google's Artifact Registry.
   *
   * @param options location, project and repository, and identity or credentials
   */
  public static googleArtifactRegistry(options: ExternalRegistryGoogleArtifactRegistryOptions): ExternalRegistry {
    return new ExternalRegistry(options, GOOGLE_REGISTRY, ({ location, project, repository }) => (
      { property: 'location', host: `${location}-docker.pkg.dev`, folders: { project, repository } }
    ));
  }

  /**
   * Any registry that implements the OCI Distribution API.
   *
   * @param options host and credentials
   */
  public static oci(options: ExternalRegistryOciOptions): ExternalRegistry {
    return new ExternalRegistry(options, OCI_REGISTRY, ({ host }) => ({ property: 'host', host, folders: {} }));
  }

  private readonly options: PushOptions;
  private readonly check: (scope: IConstruct) => void;
  private readonly place: () => Place;

  // The options are checked in publishTo, where a scope is known.
  private constructor(options: PushOptions, shape: Pick<Shape<never>, 'check'>, place: (options: never) => Place) {
    this.options = options;
    this.check = scope => shape.check(scope, 'registry', options);
    this.place = () => place(options as never);
  }

  /**
   * The credentials of a user that can push; undefined if there is an identity.
   *
   * @internal
   */
  public get _credentials(): ISecret | undefined {
    return this.options.credentials;
  }

  /**
   * The identity that can push; undefined if there are credentials.
   *
   * @internal
   */
  public get _identity(): CloudIdentity | undefined {
    return this.options.identity;
  }

  /**
   * The host that issues tokens, if it is not one of the known token hosts.
   *
   * @internal
   */
  public get _tokenHost(): string | undefined {
    return this.options.tokenHost;
  }

  /**
   * `host/repository` for an image with this name.
   *
   * @internal
   */
  public _repository(scope: IConstruct, name: string): string {
    this.check(scope);
    checkLogin(scope, 'registry.', this.options, true);
    const { property, host, folders } = this.place();
    checkKnown(scope, `registry.${property}`, host);
    Object.entries(folders).forEach(([each, folder]) => checkKnown(scope, `registry.${each}`, folder));
    checkKnown(scope, 'name', name);
    checkHost(scope, `registry.${property}`, host, { kind: 'text', must: 'be like "registry.example.com"', fix: HOST_FIX });
    checkTokenHost(scope, this.options.tokenHost);
    checkIdentity(scope, 'registry.identity', this.options.identity, host);
    const registry = registryHost(host);
    if (isDockerHub(registry) && !name.includes('/')) {
      reject(scope, { property: 'name', must: 'begin with a user or an organization on Docker Hub', got: name, fix: 'Write it like "team/web".' });
    }
    return [registry, ...Object.values(folders), name].join('/');
  }
}

/** The options that all registries share. */
interface PushOptions {
  readonly credentials?: ISecret;
  readonly identity?: CloudIdentity;
  readonly tokenHost?: string;
}

/** The host of a registry and the path of its images. */
interface Place {
  /** The name of the property that contains the host. */
  readonly property: string;
  readonly host: string;
  /** The path before the name of every image, by property. */
  readonly folders: { readonly [property: string]: string };
}

/** Checks that a value is known at synthesis, because the address is part of a construct ID. */
function checkKnown(scope: IConstruct, property: string, value: string): void {
  if (Token.isUnresolved(value)) {
    reject(scope, { property, must: 'be known at synthesis', got: 'a token', fix: 'Write it as plain text.' });
  }
}

/** Options of `PublishedImage.publishTo`. */
export interface PublishToOptions {
  /** The name of the image in the registry, e.g. `team/web`. */
  readonly name: string;

  /**
   * Further tags of the image. It always gets a `live-…` tag. Tags do not move: the deployment
   * fails if another image has one of them.
   *
   * @default - no further tags
   */
  readonly tags?: string[];
}

export const PUBLISH_TO = new Shape<PublishToOptions>('Write the name of the image: publishTo(registry, { name: \'team/web\' }).', { name: PATH, tags: TAGS }, {
  tag: 'Write `tags`, a list.', repository: 'Write `name`.', imageName: 'Write `name`.',
});

/** Publishes an image to a registry outside of AWS. Returns its address there, by digest. */
export function publishExternally(
  image: Construct, repository: IRepository, imageUri: string, registry: IExternalRegistry, options: PublishToOptions,
): string {
  checkValue(image, 'registry', registry, EXTERNAL_REGISTRY);
  PUBLISH_TO.check(image, '', options, 'options');
  const { name, tags = [] } = options;
  checkTags(image, tags);
  const destination = registry._repository(image, name);
  const id = `To-${destination}`;
  if (childOf(image, id)) {
    reject(image, {
      property: 'name', must: 'be new in this registry', got: name, fix: 'Pass all tags at once: publishTo(registry, { name, tags }).',
    });
  }
  claimTags(image, tags, outermostStack(image), destination);
  const handler = copyHandlerFor(repository, image);
  repository.grantPull(handler);
  registry._credentials?.grantRead(handler);
  registry._identity?._grant(handler);
  const copy = new ImageCopy(image, id, {
    handler,
    source: imageUri,
    destination,
    destinationCredentials: registry._credentials?.secretArn,
    destinationTokenHost: registry._tokenHost,
    destinationIdentity: registry._identity?._text,
    referrers: true,
    liveTagPrefix: liveTagPrefix(image, repository),
    tags,
  });
  // If the app creates the registry, it must exist first.
  if (Construct.isConstruct(registry)) copy.node.addDependency(registry);
  copy.node.addDependency(...registry._identity?._roles() ?? []);
  return `${destination}@${copy.imageDigest}`;
}
