import { SUBSCRIPTION } from './azure-arm';
import { AzureCloud, IDENTITY } from './azure-cloud';
import { TestRegistry } from './registry';
import { TestClock } from './registry-clock';
import { removalWork } from '../../src/azure/handler/registry-removal';
import { registryWork, serveAzureRegistry } from '../../src/azure/handler/registry-work';
import { CustomResourceEvent } from '../../src/custom-resource/protocol';
import { Send, send } from '../../src/custom-resource/small-request';

const ADDRESS = 'https://cloudformation.example/answer?X-Amz-Signature=canary';
export const ADMIN_SECRET = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:admin-AbCdEf';
const INVOCATION_MILLISECONDS = 900_000;

/** The response to CloudFormation. */
export interface Told {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
  readonly Data?: { readonly LoginServer: string; readonly RegistryName: string; readonly RegistryId: string };
}

type Properties = Readonly<Record<string, unknown>>;

/** The real handler with the fakes of Azure, and a test clock. */
export class AzureScene {
  public static async open(backends: Readonly<Record<string, string>> = {}): Promise<AzureScene> {
    const clock = new TestClock();
    return new AzureScene(clock, await AzureCloud.start(backends, () => clock.now()));
  }

  /** With an empty resource group, and a Docker registry behind the two registry names. */
  public static async withRegistries(): Promise<AzureScene> {
    const backend = await TestRegistry.start();
    const scene = await AzureScene.open({ teamimages: backend.origin, otherimages: backend.origin });
    scene.backend = backend;
    scene.cloud.arm.groups.set('examples', { location: 'westeurope', tags: {} });
    scene.cloud.logins.forEach(login => { login.repositoriesIn = () => scene.repositories; });
    return scene;
  }

  /** The repositories that the registries list. */
  public repositories: string[] = [];
  private backend?: TestRegistry;

  public readonly lines: string[] = [];
  /** All reasons, responses and log lines so far. */
  public readonly said: string[] = [];
  /** Contents of secrets by their ARN, with the token of the request. */
  public readonly stored: { readonly SecretId: string; readonly SecretString: string; readonly ClientRequestToken: string }[] = [];
  /** The state of the stack. `undefined` if the function has no permission to read it. */
  public stackStatus: string | undefined = 'CREATE_IN_PROGRESS';
  public environment: Record<string, string | undefined>;
  /** The time of one invocation. */
  public milliseconds = INVOCATION_MILLISECONDS;
  public invocations = 0;
  /** Called before each invocation. */
  public onInvocation?: (number: number) => void;
  /** The hosts of all requests to Azure. */
  public readonly hosts = new Set<string>();
  private requests = 0;
  private physicalId?: string;
  private properties?: Properties;

  private constructor(public readonly clock: TestClock, public readonly cloud: AzureCloud) {
    this.environment = {
      AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret-canary', AZURE_IDENTITIES: IDENTITY, ...cloud.variables,
    };
  }

  public wanted(changes: Properties = {}): Properties {
    return {
      SchemaVersion: '1', Identity: IDENTITY, SubscriptionId: SUBSCRIPTION, ResourceGroup: 'examples', RegistryName: 'teamimages', Location: 'westeurope', Sku: 'Basic',
      PublicNetworkAccess: 'Enabled', ...changes,
    };
  }

  /** Create for a new resource, otherwise Update, as CloudFormation sends it. Also sends the Delete after a replacement. */
  public async deploy(changes: Properties = {}, then?: string): Promise<Told> {
    const [before, old] = [this.physicalId, this.properties];
    this.stackStatus = before === undefined ? 'CREATE_IN_PROGRESS' : 'UPDATE_IN_PROGRESS';
    const wanted = this.wanted(changes);
    const told = await this.serve({ RequestType: before === undefined ? 'Create' : 'Update', PhysicalResourceId: before, ResourceProperties: wanted, OldResourceProperties: old });
    if (told.Status === 'FAILED') {
      this.stackStatus = before === undefined ? 'ROLLBACK_IN_PROGRESS' : 'UPDATE_ROLLBACK_IN_PROGRESS';
      await this.rollBack(told.PhysicalResourceId, wanted, before, old);
      return told;
    }
    if (before !== undefined && told.PhysicalResourceId !== before) {
      this.stackStatus = 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS';
      expect(await this.serve({ RequestType: 'Delete', PhysicalResourceId: before, ResourceProperties: old })).toMatchObject({ Status: 'SUCCESS' });
    }
    [this.physicalId, this.properties] = [told.PhysicalResourceId, wanted];
    if (then === 'another resource fails') {
      this.stackStatus = before === undefined ? 'ROLLBACK_IN_PROGRESS' : 'UPDATE_ROLLBACK_IN_PROGRESS';
      await this.rollBack(told.PhysicalResourceId, wanted, before, old);
      [this.physicalId, this.properties] = [before, old];
    }
    return told;
  }

  /** Undoes a deployment, like CloudFormation. */
  private async rollBack(physicalId: string, wanted: Properties, before?: string, old?: Properties): Promise<void> {
    if (before !== undefined) {
      expect(await this.serve({ RequestType: 'Update', PhysicalResourceId: physicalId, ResourceProperties: old, OldResourceProperties: wanted })).toMatchObject({
        Status: 'SUCCESS', PhysicalResourceId: before,
      });
      this.stackStatus = 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS';
      if (physicalId === before) return;
    }
    expect(await this.serve({ RequestType: 'Delete', PhysicalResourceId: physicalId, ResourceProperties: wanted })).toMatchObject({ Status: 'SUCCESS' });
  }

  /** Delete of the resource, as when its stack is deleted. */
  public async remove(): Promise<Told> {
    this.stackStatus = 'DELETE_IN_PROGRESS';
    return this.serve({ RequestType: 'Delete', PhysicalResourceId: this.physicalId, ResourceProperties: this.properties });
  }

  /** Processes an event, and every event that the handler sends to itself. */
  public async serve(event: Partial<CustomResourceEvent>): Promise<Told> {
    const dependencies = { environment: this.environment, clock: this.clock, send: this.send };
    const kind = { work: registryWork(dependencies), remove: removalWork(dependencies) };
    const queue: CustomResourceEvent[] = [{
      RequestType: 'Create', ResponseURL: ADDRESS, StackId: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/Web/1', RequestId: `request-${++this.requests}`,
      LogicalResourceId: 'Registry', ...JSON.parse(JSON.stringify(event)),
    }];
    const answers: string[] = [];
    this.invocations = 0;
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      this.invocations++;
      this.onInvocation?.(this.invocations);
      const ends = this.clock.now() + this.milliseconds;
      await serveAzureRegistry(next, { getRemainingTimeInMillis: () => ends - this.clock.now() }, kind, {
        clock: this.clock,
        log: line => {
          this.lines.push(line);
          this.said.push(line);
        },
        send: async ({ body }) => {
          answers.push(body);
          return { status: 200, body: '' };
        },
        invokeAgain: async again => { queue.push(JSON.parse(JSON.stringify(again))); },
      });
      expect(this.clock.now()).toBeLessThan(ends);
    }
    expect(answers).toHaveLength(1);
    this.said.push(answers[0]);
    return JSON.parse(answers[0]);
  }

  private readonly send: Send = async request => {
    const { url, body } = request;
    if (url.host.startsWith('cloudformation.')) {
      return this.stackStatus === undefined
        ? { status: 403, body: '' }
        : { status: 200, body: `<DescribeStacksResponse><StackStatus>${this.stackStatus}</StackStatus></DescribeStacksResponse>` };
    }
    if (url.host.startsWith('secretsmanager.')) {
      this.stored.push(JSON.parse(body));
      return { status: 200, body: '{}' };
    }
    this.hosts.add(url.host);
    return send(request);
  };

  /** Stops the fakes. Throws if a token or a password was shown. */
  public async close(): Promise<void> {
    for (const secret of this.cloud.secrets) expect(this.said.join('\n')).not.toContain(secret);
    await this.cloud.stop();
    await this.backend?.stop();
  }
}
