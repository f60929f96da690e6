import { ALB, ElbCloud, group, listenerArn, NLB } from './elb-cloud';
import { TestClock } from './registry-clock';
import { CustomResourceEvent } from '../../src/custom-resource/protocol';
import { Send } from '../../src/custom-resource/small-request';
import { serveTrafficShift } from '../../src/traffic-shift/handler/traffic-work';

export const STACK = 'arn:aws:cloudformation:eu-west-1:111122223333:stack/Web/1';
export const MAIN = group('main');
export const ALTERNATE = group('alternate');
export { ALB, NLB };

type Properties = Readonly<Record<string, unknown>>;

/** The properties of a rule, as CloudFormation sends them. */
export function ruleProperties(changes: Properties = {}): Properties {
  return {
    ServiceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:f', SchemaVersion: '1', UsedBy: 'Web/Service', TargetGroups: [MAIN, ALTERNATE], Traffic: 'SHIFTS',
    ListenerArn: listenerArn('l80'), Priority: '1500', Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/*'] } }], ...changes,
  };
}

/** The properties of a listener. */
export function listenerProperties(changes: Properties = {}): Properties {
  return {
    ServiceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:f', SchemaVersion: '1', UsedBy: 'Web/Service', TargetGroups: [MAIN, ALTERNATE], Traffic: 'SHIFTS',
    LoadBalancerArn: NLB, Port: '443', Protocol: 'TLS', Certificate: 'arn:aws:acm:eu-west-1:111122223333:certificate/one', SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06', ...changes,
  };
}

/** The response to an event. */
export interface Told {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
  readonly PhysicalResourceId: string;
}

/** The real handler with a fake ELB. */
export class TrafficScene {
  public readonly cloud = new ElbCloud();
  public readonly clock = new TestClock();
  public readonly lines: string[] = [];
  /** The status of the stack, for the check of a rollback. `undefined` if the role has no permission. */
  public stackStatus: string | undefined = 'UPDATE_IN_PROGRESS';

  constructor() {
    this.cloud.foreignListeners.add(listenerArn('l80')).add(listenerArn('l443'));
  }

  /** Processes an event, and returns the response to CloudFormation. */
  public async serve(event: Partial<CustomResourceEvent> & Pick<CustomResourceEvent, 'RequestType'>): Promise<Told> {
    const answers: string[] = [];
    const send: Send = async request => {
      if (request.method === 'PUT') {
        answers.push(request.body);
        return { status: 200, body: '' };
      }
      if (request.url.host.startsWith('cloudformation.')) return this.describeStacks();
      expect(request.url.origin).toBe('https://elasticloadbalancing.eu-west-1.amazonaws.com');
      expect(request.headers.Authorization).toContain('/eu-west-1/elasticloadbalancing/aws4_request');
      return this.cloud.send(request);
    };
    const environment = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret-canary' };
    const ends = this.clock.now() + 300_000;
    await serveTrafficShift({
      ResponseURL: 'https://cloudformation.example/answer?X-Amz-Signature=canary', StackId: STACK, RequestId: 'request', LogicalResourceId: 'Rule', ...event,
    }, { getRemainingTimeInMillis: () => ends - this.clock.now() }, { clock: this.clock, send, log: line => this.lines.push(line), environment });
    expect(answers).toHaveLength(1);
    expect(this.lines.join()).not.toMatch(/canary/);
    return JSON.parse(answers[0]);
  }

  private describeStacks() {
    const { stackStatus } = this;
    return stackStatus === undefined ? { status: 403, body: '<ErrorResponse/>' }
      : { status: 200, body: `<DescribeStacksResponse><DescribeStacksResult><Stacks><member><StackStatus>${stackStatus}</StackStatus></member></Stacks></DescribeStacksResult></DescribeStacksResponse>` };
  }
}
