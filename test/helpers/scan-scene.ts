import { TestClock } from './registry-clock';
import { OCI_MANIFEST, ScanCloud } from './scan-cloud';
import { CustomResourceEvent } from '../../src/custom-resource/protocol';
import { send } from '../../src/custom-resource/small-request';
import { gateWork, serveScanGate } from '../../src/scanning/handler/gate-work';

export const STACK = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/Web/1';
export const REPOSITORY = '111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web';
export const PASSED = 'live-web.passed-';
const ADDRESS = 'https://cloudformation.example/answer?X-Amz-Signature=canary';

/** The response to CloudFormation. */
export interface Told {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly Data?: Readonly<Record<string, string>>;
  readonly PhysicalResourceId: string;
}

/** The real handler with a fake cloud and a test clock. */
export class ScanScene {
  public static async open(): Promise<ScanScene> {
    return new ScanScene(await ScanCloud.start());
  }

  public readonly clock = new TestClock();
  public readonly logs: string[] = [];
  /** The bodies of all responses. */
  public readonly answers: string[] = [];
  public invocations = 0;

  private constructor(public readonly cloud: ScanCloud) {
    cloud.stacks.set(STACK, { status: 'UPDATE_IN_PROGRESS' });
  }

  /** A single-platform image that is unique by its name. */
  public image(name: string, ...tags: string[]): string {
    return this.cloud.add({ schemaVersion: 2, mediaType: OCI_MANIFEST, config: { digest: name }, layers: [] }, ...tags);
  }

  /** The attestation of a builder for an image. */
  public attestation(): string {
    return this.cloud.add({ schemaVersion: 2, mediaType: OCI_MANIFEST, config: { digest: 'statement' }, layers: [{ mediaType: 'application/vnd.in-toto+json' }] });
  }

  /** Processes an event, and every event that the handler sends to itself; returns the response to CloudFormation. */
  public async deploy(properties: Readonly<Record<string, unknown>>, changes: Partial<CustomResourceEvent> = {}): Promise<Told> {
    const environment = { AWS_ENDPOINT_URL: this.cloud.origin, AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret-canary' };
    const { clock } = this;
    const work = gateWork({ environment, clock, send });
    const queue: CustomResourceEvent[] = [{
      RequestType: 'Update', ResponseURL: ADDRESS, StackId: STACK, RequestId: 'request', LogicalResourceId: 'Gate', ...changes,
      ResourceProperties: {
        SchemaVersion: '1', Repository: REPOSITORY, Tag: 'live-web.1', PassedTagPrefix: PASSED, FailOn: 'HIGH', WaitMinutes: '15', ...properties,
      },
    }];
    this.answers.length = 0;
    this.invocations = 0;
    for (let event = queue.shift(); event !== undefined; event = queue.shift()) {
      this.invocations++;
      const ends = clock.now() + 900_000;
      await serveScanGate(event, { getRemainingTimeInMillis: () => ends - clock.now() }, work, {
        clock,
        log: line => this.logs.push(line),
        send: async ({ body }) => {
          this.answers.push(body);
          return { status: 200, body: '' };
        },
        invokeAgain: async next => { queue.push(JSON.parse(JSON.stringify(next))); },
      });
    }
    expect(this.answers).toHaveLength(1);
    return JSON.parse(this.answers[0]);
  }

  /** The calls so far, each action once. */
  public get actions(): string[] {
    return [...new Set(this.cloud.calls.map(({ action }) => action))].sort();
  }
}

/** A finding of a basic scan. */
export function basicFinding(name: string, severity: string, inPackage = 'openssl') {
  return {
    name, severity, uri: `https://example.com/${name}`, description: 'a text '.repeat(50),
    attributes: [{ key: 'package_version', value: '3.0.1' }, { key: 'package_name', value: inPackage }],
  };
}

/** A complete basic scan. */
export function basicScan(...findings: object[]) {
  return { imageScanStatus: { status: 'COMPLETE', description: 'The scan was completed successfully.' }, imageScanFindings: { findings, imageScanCompletedAt: 1_700_000_000 } };
}

/** A finding of an enhanced scan. */
export function enhancedFinding(vulnerabilityId: string, severity: string, changes: object = {}) {
  return {
    severity, status: 'ACTIVE', title: `${vulnerabilityId} - libssh2`, type: 'PACKAGE_VULNERABILITY',
    packageVulnerabilityDetails: { vulnerabilityId, vulnerablePackages: [{ name: 'libssh2', version: '1.4.3', fixedInVersion: '1.9.1' }] }, ...changes,
  };
}

/** The state of an enhanced scan. */
export function enhancedScan(...enhancedFindings: object[]) {
  return { imageScanStatus: { status: 'ACTIVE', description: 'Continuous scan is selected for image.' }, imageScanFindings: { enhancedFindings, imageScanCompletedAt: 1_700_000_000 } };
}

/** A scan with a status only. */
export function statusOf(status: string, description?: string) {
  return { imageScanStatus: { status, description } };
}
