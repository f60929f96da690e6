import { BuildCloud } from './build-cloud';
import { TestRegistry, TestRegistryOptions } from './registry';
import { TestClock } from './registry-clock';
import { noSecret } from './registry-copy';
import { buildWork, removeWork, serveImageBuild } from '../../src/build/handler/build-work';
import { copier } from '../../src/copy/handler/copy-work';
import { CustomResourceEvent } from '../../src/custom-resource/protocol';

const ADDRESS = 'https://cloudformation.example/answer?X-Amz-Signature=canary';
export const SECRET_ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:npm-AbCdEf';
export const PREFIX = 'live-web.1234.';

/** The response to CloudFormation. */
export interface Told {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
  readonly Data?: { readonly DigestHex: string; readonly Tag: string };
}

type Properties = Readonly<Record<string, unknown>>;

/** The real handler with a test registry, a fake CodeBuild, and a test clock. */
export class BuildScene {
  public static async open(options: TestRegistryOptions = {}): Promise<BuildScene> {
    return new BuildScene(await TestRegistry.start(options));
  }

  public readonly clock = new TestClock();
  public readonly cloud: BuildCloud;
  public readonly lines: string[] = [];
  public invocations = 0;
  private requests = 0;

  private constructor(public readonly registry: TestRegistry) {
    this.cloud = new BuildCloud(registry);
    registry.repository('team/web');
  }

  /** The tags in the repository with their digests. */
  public get tags(): { [tag: string]: string } {
    return Object.fromEntries(this.registry.repository('team/web').tags);
  }

  public properties(changes: Properties = {}): Properties {
    return {
      SchemaVersion: '1', Destination: `${this.registry.host}/team/web`, Builds: [{ Platform: 'linux/amd64', Project: 'builds' }],
      Source: 'assets/source.zip', Arguments: ['--file', 'context/Dockerfile', 'context'], LiveTagPrefix: PREFIX, ...changes,
    };
  }

  /** A new request of CloudFormation. */
  public event(changes: Properties = {}, event: Partial<CustomResourceEvent> = {}): CustomResourceEvent {
    const ResourceProperties = this.properties(changes);
    return {
      RequestType: 'Update', ResponseURL: ADDRESS, StackId: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/Web/1', RequestId: `request-${++this.requests}`,
      LogicalResourceId: 'Image', PhysicalResourceId: 'image', ResourceProperties, OldResourceProperties: ResourceProperties, ...event,
    };
  }

  public async deploy(changes: Properties = {}, event: Partial<CustomResourceEvent> = {}): Promise<Told> {
    return this.serve(this.event(changes, event));
  }

  /** Processes an event, and every event that the handler sends to itself; returns the response to CloudFormation. */
  public async serve(first: CustomResourceEvent): Promise<Told> {
    const { clock, cloud, registry } = this;
    const dependencies = { environment: { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret-canary' }, clock, send: cloud.send };
    const origins = () => ({ [registry.host]: registry.origin });
    const copy = copier({ clock, secret: noSecret, credentials: { credentialsFor: async () => undefined }, origins });
    const kind = { work: buildWork(dependencies, copy), remove: removeWork(dependencies) };
    const queue = [first];
    const answers: string[] = [];
    this.invocations = 0;
    for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
      this.invocations++;
      const ends = clock.now() + 900_000;
      await serveImageBuild(event, { getRemainingTimeInMillis: () => ends - clock.now() }, kind, {
        clock,
        log: line => this.lines.push(line),
        send: async ({ body }) => {
          answers.push(body);
          return { status: 200, body: '' };
        },
        invokeAgain: async next => { queue.push(JSON.parse(JSON.stringify(next))); },
      });
      expect(clock.now()).toBeLessThan(ends);
    }
    expect(answers).toHaveLength(1);
    expect(Buffer.byteLength(answers[0])).toBeLessThanOrEqual(4096);
    return JSON.parse(answers[0]);
  }
}
