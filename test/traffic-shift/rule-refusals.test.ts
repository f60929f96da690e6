import { group, listenerArn } from '../helpers/elb-cloud';
import { ALTERNATE, MAIN, ruleProperties, TrafficScene } from '../helpers/traffic-scene';

async function created(): Promise<{ scene: TrafficScene; arn: string }> {
  const scene = new TrafficScene();
  const { PhysicalResourceId: arn } = await scene.serve({ RequestType: 'Create', ResourceProperties: ruleProperties() });
  return { scene, arn };
}

describe('if ELB rejects', () => {
  test.each([
    ['CreateRule', 'ListenerNotFound', /the listener was deleted outside of CloudFormation/],
    ['CreateRule', 'TargetGroupAssociationLimit', /create the service for the other load balancer under another construct ID/],
    ['CreateRule', 'TooManyRules', /request a higher quota/],
    ['CreateRule', 'AccessDenied', /allow elasticloadbalancing:CreateRule to the role of the function/],
    ['CreateRule', 'SomethingNew', /^ELB answered CreateRule with 400 SomethingNew: SomethingNew \(Web\/Service\)$/],
  ])('%s with %s, the reason has a fix', async (operation, code, reason) => {
    const scene = new TrafficScene();
    for (let times = 0; times < 10; times++) scene.cloud.failures.push({ operation, code, status: 400 });
    const { Status, Reason } = await scene.serve({ RequestType: 'Create', ResourceProperties: ruleProperties() });
    expect([Status, Reason]).toEqual(['FAILED', expect.stringMatching(reason)]);
  });

  test.each<[string, string]>([
    ['PriorityInUse', 'another rule of the listener has the priority 1500; write another one: Exposure.onListener(listener, route, { priority }). '
      + 'If the other rule was removed or moved in this template, deploy that first. '
      + 'A change between Deployment.rolling() and a strategy that shifts traffic also needs another priority'],
    ['TargetGroupAssociationLimit', 'a target group belongs to one load balancer; create the service for the other load balancer under another construct ID, '
      + 'then move the clients'],
    ['TooManyRules', 'remove rules from the listener, use another listener, or request a higher quota'],
    ['TooManyListeners', 'remove listeners from the load balancer, use another one, or request a higher quota'],
    ['TooManyUniqueTargetGroupsPerLoadBalancer', 'use another load balancer, or request a higher quota'],
    ['ListenerNotFound', 'the listener was deleted outside of CloudFormation; create it again, or give the exposure another one'],
    ['LoadBalancerNotFound', 'the load balancer was deleted outside of CloudFormation; give the exposure another one'],
    ['TargetGroupNotFound', 'a target group was deleted outside of CloudFormation; create the service again under another construct ID'],
    ['RuleNotFound', 'the rule was deleted during the deployment; deploy again'],
    ['CertificateNotFound', 'use a certificate that exists in the region of the load balancer'],
    ['UnsupportedCertificate', 'use a certificate with a key that ELB supports, for example RSA 2048 or ECDSA P-256'],
    ['SSLPolicyNotFound', 'use a security policy that this region has, for example SslPolicy.RECOMMENDED_TLS'],
    ['ALPNPolicyNotFound', 'use a policy such as AlpnPolicy.HTTP2_PREFERRED, or leave it out'],
    ['IncompatibleProtocols', 'use TCP target groups for a TCP or TLS listener, or change the protocol of the port'],
    ['InvalidLoadBalancerAction', 'check the listener: its rules must be able to forward to target groups'],
    ['TooManyTags', 'use at most 50 tags for the service'],
    ['OperationNotPermitted', 'look for the ARN of the load balancer in CloudTrail to find out who else manages it'],
    ['InternalFailure', 'deploy again'],
  ])('with %s, the reason names the service and the whole fix', async (code, fix) => {
    const scene = new TrafficScene();
    for (let times = 0; times < 100; times++) scene.cloud.failures.push({ operation: 'CreateRule', code, status: code === 'InternalFailure' ? 500 : 400 });
    const { Reason = '' } = await scene.serve({ RequestType: 'Create', ResourceProperties: ruleProperties() });
    expect(Reason.slice(Reason.indexOf(' (Web/Service)'))).toBe(` (Web/Service); ${fix}`);
  });

  test('a deletion, the reason has a fix', async () => {
    const { scene, arn } = await created();
    scene.cloud.failures.push({ operation: 'DeleteRule', code: 'OperationNotPermitted', status: 400 });
    expect(await scene.serve({ RequestType: 'Delete', PhysicalResourceId: arn, ResourceProperties: ruleProperties() })).toMatchObject({
      Status: 'FAILED', Reason: expect.stringMatching(/^ELB answered DeleteRule with 400 OperationNotPermitted.* \(Web\/Service\); look for the ARN of the load balancer/),
    });
  });

  test('a request and the properties do not name the service, the reason does not either', async () => {
    const { scene, arn } = await created();
    scene.cloud.failures.push({ operation: 'DeleteRule', code: 'OperationNotPermitted', status: 400 });
    const { Reason } = await scene.serve({ RequestType: 'Delete', PhysicalResourceId: arn, ResourceProperties: {} });
    expect(Reason).toMatch(/^ELB answered DeleteRule with 400 OperationNotPermitted: OperationNotPermitted; look for the ARN/);
  });

  test('too many requests, the function retries', async () => {
    const scene = new TrafficScene();
    scene.cloud.failures.push({ operation: 'CreateRule', code: 'Throttling', status: 400 }, { operation: 'CreateRule', code: 'ServiceUnavailable', status: 503 });
    expect((await scene.serve({ RequestType: 'Create', ResourceProperties: ruleProperties() })).Status).toBe('SUCCESS');
  });

  test('requests for too long, the reason says to deploy again', async () => {
    const scene = new TrafficScene();
    for (let times = 0; times < 100; times++) scene.cloud.failures.push({ operation: 'CreateRule', code: 'Throttling', status: 400 });
    const { Reason } = await scene.serve({ RequestType: 'Create', ResourceProperties: ruleProperties() });
    expect(Reason).toMatch(/Throttling.*; deploy again$/);
  });
});

describe('the properties of a rule', () => {
  const OTHER_LISTENER = 'arn:aws-us-gov:elasticloadbalancing:us-gov-west-1:111122223333:listener/app/web_1.2/a1/l80';

  test.each<[string, unknown, string]>([
    ['SchemaVersion', '2', "'1', the only version that this handler supports, not '2'"],
    ['UsedBy', '', "a text, not ''"],
    ['Traffic', 'SOMETIMES', "SHIFTS or TESTS or STAYS, not 'SOMETIMES'"],
    ['ListenerArn', `x${listenerArn('l80')}`, 'the ARN of a listener, not '],
    ['ListenerArn', `${listenerArn('l80')}?`, 'the ARN of a listener, not '],
    ['ListenerArn', listenerArn('l80').replace('111122223333', '1111222233334'), 'the ARN of a listener, not '],
    ['Priority', '123456', "a priority, not '123456'"],
    ['Priority', 'p1', "a priority, not 'p1'"],
    ['Priority', '1p', "a priority, not '1p'"],
    ['Conditions', 'path', "a list of conditions, not 'string'"],
    ['Conditions', [], "a list of conditions, not 'object'"],
    ['Conditions', ['path', {}], "a list of conditions, not 'object'"],
    ['TargetGroups', 'x', "two different target groups, not ''"],
    ['TargetGroups', [MAIN], `two different target groups, not '${MAIN}'`],
    ['TargetGroups', [MAIN, MAIN], 'two different target groups, not '],
    ['TargetGroups', [MAIN, ALTERNATE, group('third')], 'two different target groups, not '],
    ['TargetGroups', [MAIN, 'x'], "ARNs of target groups, not 'x'"],
  ])('are rejected if %s is %j', async (name, value, must) => {
    const scene = new TrafficScene();
    const { Status, Reason } = await scene.serve({ RequestType: 'Create', ResourceProperties: ruleProperties({ [name]: value }) });
    expect([Status, Reason]).toEqual(['FAILED', expect.stringContaining(`the property '${name}' must be ${must}`)]);
    expect(scene.cloud.requests).toEqual([]);
  });

  test('can name resources of another partition', async () => {
    const scene = new TrafficScene();
    scene.cloud.foreignListeners.add(OTHER_LISTENER);
    const { Status } = await scene.serve({ RequestType: 'Create', ResourceProperties: ruleProperties({ ListenerArn: OTHER_LISTENER, Priority: '50000' }) });
    expect(Status).toBe('SUCCESS');
  });
});
