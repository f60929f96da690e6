import { Token } from 'aws-cdk-lib';
import { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { IConstruct } from 'constructs';
import { registryHost, REGISTRY_HOST, REPOSITORY_PATH } from './registry-reference';
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

  /** The project id. */
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
  /** The host, with a port where it is not 443: `registry.example.com:5000`. It has to answer over https. */
  readonly host: string;

  /** A user that may push, as JSON: `{"username":"…","password":"…"}`. */
  readonly credentials: ISecret;
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
    return new ExternalRegistry(options.loginServer, [], options.credentials, /^[a-z0-9]+(-[a-z0-9]+)*\.azurecr\.(io|cn|us)$/);
  }

  /**
   * A repository of Google's Artifact Registry.
   *
   * @param options where it is, and credentials
   */
  public static googleArtifactRegistry(options: GoogleArtifactRegistryOptions): ExternalRegistry {
    return new ExternalRegistry(`${options.location}-docker.pkg.dev`, [options.project, options.repository], options.credentials, REGISTRY_HOST);
  }

  /**
   * Any registry that speaks the OCI Distribution API.
   *
   * @param options host and credentials
   */
  public static oci(options: OciRegistryOptions): ExternalRegistry {
    return new ExternalRegistry(options.host, [], options.credentials, REGISTRY_HOST);
  }

  private constructor(
    private readonly host: string,
    private readonly folders: string[],
    /** @internal */
    public readonly _credentials: ISecret,
    private readonly hostPattern: RegExp,
  ) {}

  /**
   * `host/repository` for an image of this name.
   *
   * @internal
   */
  public _repository(scope: IConstruct, name: string): string {
    if (Token.isUnresolved(this.host) || Token.isUnresolved(this.folders.join()) || Token.isUnresolved(name)) {
      reject(scope, {
        property: 'registry', must: 'be known at synthesis, like the name in it', got: 'a token',
        cure: 'Write host, location, project, repository and name as plain text.',
      });
    }
    checkPattern(scope, {
      property: 'registry', value: this.host, pattern: this.hostPattern,
      must: 'be the host of a registry', cure: 'Give the host alone, e.g. "team.azurecr.io", without https:// and without a path.',
    });
    const path = [...this.folders, name].join('/');
    checkPattern(scope, {
      property: 'name', value: path, pattern: REPOSITORY_PATH,
      must: 'be lower-case letters and digits with single ".", "_", "-" or "/" between them', cure: 'Use a name such as "team/web".',
    });
    return `${registryHost(this.host)}/${path}`;
  }
}
