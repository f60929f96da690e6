import { TestClock } from './registry-clock';
import { OCI_INDEX, OCI_MANIFEST, ScanCloud } from './scan-cloud';
import { Told } from './scan-scene';
import { CustomResourceEvent } from '../../src/custom-resource/protocol';
import { send } from '../../src/custom-resource/small-request';
import { checkWork, serveImageCheck } from '../../src/image-check/handler/check-work';

export const STACK = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/Web/1';
export const REPOSITORY = '111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web';
export const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
export const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
export const DOCKER_CONFIG = 'application/vnd.docker.container.image.v1+json';
export const GZIP = 'application/vnd.oci.image.layer.v1.tar+gzip';
const ADDRESS = 'https://cloudformation.example/answer?X-Amz-Signature=signature-canary';

/** An entry of an index. */
export interface Entry {
  readonly digest: string;
  readonly mediaType?: string;
  readonly platform?: object;
  readonly annotations?: object;
}

/** The real handler with a fake cloud and a test clock. */
export class CheckScene {
  public static async open(): Promise<CheckScene> {
    return new CheckScene(await ScanCloud.start());
  }

  public readonly clock = new TestClock();
  public readonly logs: string[] = [];
  /** The bodies of all responses. */
  public readonly answers: string[] = [];

  private constructor(public readonly cloud: ScanCloud) {
    cloud.stacks.set(STACK, { status: 'UPDATE_IN_PROGRESS' });
  }

  /** A single-platform image with this configuration. */
  public image(platform: object, changes: object = {}, ...tags: string[]): string {
    const config = { mediaType: OCI_CONFIG, digest: this.cloud.addBlob({ ...platform, rootfs: {} }), size: 100 };
    const layers = [{ mediaType: GZIP, digest: `sha256:${'1'.repeat(64)}`, size: 1000 }];
    return this.cloud.add({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers, ...changes }, ...tags);
  }

  /** An index of some images. */
  public index(entries: readonly Entry[], mediaType = OCI_INDEX, ...tags: string[]): string {
    const manifests = entries.map(entry => ({ mediaType: OCI_MANIFEST, size: 1, ...entry }));
    return this.cloud.add({ schemaVersion: 2, mediaType, manifests }, ...tags);
  }

  /** The attestation of a builder for an image. */
  public attestation(): string {
    const layers = [{ mediaType: 'application/vnd.in-toto+json', digest: `sha256:${'2'.repeat(64)}`, size: 9 }];
    return this.image({ os: 'unknown', architecture: 'unknown' }, { layers });
  }

  /** Processes an event for the image of a task; returns the response to CloudFormation. */
  public async deploy(properties: Readonly<Record<string, unknown>>, changes: Partial<CustomResourceEvent> = {}): Promise<Told> {
    const environment = { AWS_ENDPOINT_URL: this.cloud.origin, AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'key-canary' };
    const { clock } = this;
    this.answers.length = 0;
    const ends = clock.now() + 300_000;
    await serveImageCheck({
      RequestType: 'Update', ResponseURL: ADDRESS, StackId: STACK, RequestId: 'request', LogicalResourceId: 'Check', ...changes,
      ResourceProperties: {
        SchemaVersion: '1', Repository: REPOSITORY, Version: 'live-web.1', Runner: 'FARGATE', UsedBy: "the container 'web' of Stack/Service",
        Architecture: 'X86_64', ...properties,
      },
    }, { getRemainingTimeInMillis: () => ends - clock.now() }, checkWork({ environment, clock, send }), {
      clock,
      log: line => this.logs.push(line),
      send: async ({ body }) => {
        this.answers.push(body);
        return { status: 200, body: '' };
      },
    });
    expect(this.answers).toHaveLength(1);
    expect(clock.pending).toBe(0);
    return JSON.parse(this.answers[0]);
  }

  /** The same for a Lambda function. */
  public async deployFunction(properties: Readonly<Record<string, unknown>>, changes: Partial<CustomResourceEvent> = {}): Promise<Told> {
    return this.deploy({ Runner: 'LAMBDA', UsedBy: 'the function Stack/Function', Architecture: 'x86_64', ...properties }, changes);
  }

  /** The calls so far, each action once. */
  public get actions(): string[] {
    return [...new Set(this.cloud.calls.map(({ action }) => action))].sort();
  }
}

export const AMD64 = { os: 'linux', architecture: 'amd64' };
export const ARM64 = { os: 'linux', architecture: 'arm64' };
