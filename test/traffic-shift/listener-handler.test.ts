import { group } from '../helpers/elb-cloud';
import { ALTERNATE, listenerProperties, MAIN, NLB, ruleProperties, TrafficScene } from '../helpers/traffic-scene';

type Properties = Readonly<Record<string, unknown>>;

const SHIFTED = { [MAIN]: 0, [ALTERNATE]: 100 };
const TCP = { Protocol: 'TCP', Certificate: undefined, SslPolicy: undefined };
const OTHERS = { TargetGroups: [group('other-main'), group('other-alternate')] };

/** A scene with a listener whose traffic ECS has shifted to the second target group. */
async function shifted(changes: Properties = {}): Promise<{ scene: TrafficScene; arn: string; update: (to: Properties) => ReturnType<TrafficScene['serve']> }> {
  const scene = new TrafficScene();
  const OldResourceProperties = listenerProperties(changes);
  const { PhysicalResourceId: arn } = await scene.serve({ RequestType: 'Create', ResourceProperties: OldResourceProperties });
  scene.cloud.shift(arn, SHIFTED);
  scene.cloud.targets.set(ALTERNATE, 2);
  scene.cloud.takeOperations();
  const update = async (to: Properties) =>
    scene.serve({ RequestType: 'Update', PhysicalResourceId: arn, OldResourceProperties, ResourceProperties: listenerProperties({ ...changes, ...to }) });
  return { scene, arn, update };
}

test('a new listener sends all traffic to the first target group', async () => {
  const scene = new TrafficScene();
  const told = await scene.serve({ RequestType: 'Create', ResourceProperties: listenerProperties({ AlpnPolicy: 'HTTP2Preferred', Tags: [{ Key: 'team', Value: 'a' }] }) });

  expect(told).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: expect.stringMatching(/:listener\/net\/web\/n1\/l\d+$/) });
  const listener = scene.cloud.listeners.get(told.PhysicalResourceId);
  expect(scene.cloud.weights(told.PhysicalResourceId)).toEqual({ [MAIN]: 100, [ALTERNATE]: 0 });
  expect(listener?.settings).toEqual({
    Port: '443', Protocol: 'TLS', SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06', AlpnPolicy: ['HTTP2Preferred'],
    Certificates: [{ CertificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/one' }],
  });
  expect(listener?.tags.get('team')).toBe('a');
});

test.each<[string, Properties, Properties, Properties]>([
  ['a certificate', {}, { Certificate: 'arn:aws:acm:eu-west-1:111122223333:certificate/two' }, { Certificates: [{ CertificateArn: 'arn:aws:acm:eu-west-1:111122223333:certificate/two' }] }],
  ['a TLS policy', {}, { SslPolicy: 'ELBSecurityPolicy-TLS13-1-3-2021-06' }, { SslPolicy: 'ELBSecurityPolicy-TLS13-1-3-2021-06' }],
  ['an ALPN policy', {}, { AlpnPolicy: 'HTTP2Only' }, { AlpnPolicy: ['HTTP2Only'] }],
  ['no ALPN policy any more', { AlpnPolicy: 'HTTP2Only' }, { AlpnPolicy: undefined }, { AlpnPolicy: ['None'] }],
  ['a port that was a token before', {}, { Port: '8443' }, { Port: '8443' }],
  ['a tag', {}, { Tags: [{ Key: 'a', Value: '1' }] }, {}],
  ['TCP instead of TLS', {}, TCP, { Protocol: 'TCP' }],
  ['TLS instead of TCP', TCP, listenerProperties(), { Protocol: 'TLS' }],
])('an update with %s does not change the weights', async (_, before, change, expected) => {
  const { scene, arn, update } = await shifted(before);
  expect(await update(change)).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: arn });
  expect(scene.cloud.weights(arn)).toEqual(SHIFTED);
  expect(scene.cloud.requests.filter(({ parameters }) => 'DefaultActions' in parameters)).toEqual([]);
  expect(scene.cloud.listeners.get(arn)?.settings).toMatchObject(expected);
});

test('the listeners of the load balancer are read in pages of a hundred', async () => {
  const scene = new TrafficScene();
  await scene.serve({ RequestType: 'Create', ResourceProperties: listenerProperties() });
  expect(scene.cloud.requests[0]).toEqual({ operation: 'DescribeListeners', parameters: { LoadBalancerArn: NLB, PageSize: '100' } });
});

test.each<[string, Properties, Properties]>([
  ['it never had', {}, { Port: '8443' }], ['it had with TLS', { AlpnPolicy: 'HTTP2Only' }, { ...TCP, AlpnPolicy: undefined }],
  ['it had without TLS', TCP, { Port: '8443' }],
])('an ALPN policy that %s, and an idle timeout that it never had, are not reset', async (_, before, change) => {
  const { scene, update } = await shifted(before);
  expect((await update(change)).Status).toBe('SUCCESS');
  expect(scene.cloud.requests.map(({ operation }) => operation)).toEqual(['DescribeListeners', 'ModifyListener']);
  expect(scene.cloud.requests[1].parameters).not.toHaveProperty('AlpnPolicy');
});

test('an idle timeout is not reset if the listener is for UDP now', async () => {
  const { scene, update } = await shifted({ ...TCP, IdleTimeout: '100' });
  expect((await update({ Protocol: 'UDP', IdleTimeout: undefined })).Status).toBe('SUCCESS');
  expect(scene.cloud.takeOperations()).not.toContain('ModifyListenerAttributes');
});

test('the idle timeout is set, changed and reset', async () => {
  const { scene, arn, update } = await shifted({ ...TCP, IdleTimeout: '100' });
  const timeout = () => scene.cloud.listeners.get(arn)?.attributes.get('tcp.idle_timeout.seconds');
  expect(timeout()).toBe('100');
  await update({ IdleTimeout: '200' });
  expect(timeout()).toBe('200');
  await update({ IdleTimeout: undefined });
  expect(timeout()).toBe('350');
});

test('a Create whose second request fails is completed by its next delivery, and deleted otherwise', async () => {
  const scene = new TrafficScene();
  const ResourceProperties = listenerProperties({ ...TCP, IdleTimeout: '100' });
  const fail = () => scene.cloud.failures.push({ operation: 'ModifyListenerAttributes', code: 'InvalidConfigurationRequest', status: 400 });
  fail();
  const told = await scene.serve({ RequestType: 'Create', ResourceProperties });
  expect(told.Status).toBe('FAILED');
  const again = await scene.serve({ RequestType: 'Create', ResourceProperties });
  expect(again.Status).toBe('SUCCESS');
  expect(scene.cloud.listeners.get(again.PhysicalResourceId)?.attributes.get('tcp.idle_timeout.seconds')).toBe('100');

  await scene.serve({ RequestType: 'Delete', ResourceProperties, PhysicalResourceId: told.PhysicalResourceId });
  expect(scene.cloud.listeners.size).toBe(0);
});

test('another load balancer cannot have the same target groups, and the reason has a fix', async () => {
  const { scene, arn, update } = await shifted();
  scene.cloud.loadBalancers.add(`${NLB}-2`);
  expect(await update({ LoadBalancerArn: `${NLB}-2` })).toMatchObject({
    Status: 'FAILED', PhysicalResourceId: arn, Reason: expect.stringContaining('create the service for the other load balancer under another construct ID'),
  });
  expect(scene.cloud.weights(arn)).toEqual(SHIFTED);
});

test('a port of another listener is reported, also after a change from a rolling deployment', async () => {
  const scene = new TrafficScene();
  await scene.serve({ RequestType: 'Create', ResourceProperties: listenerProperties(OTHERS), LogicalResourceId: 'Other' });
  const { Status, Reason } = await scene.serve({ RequestType: 'Create', ResourceProperties: listenerProperties() });
  expect([Status, Reason]).toEqual(['FAILED', expect.stringMatching(/the port 443; use .*cannot change from Deployment\.rolling\(\) .* keepAlternateTargetGroup: true \}\) since its creation$/)]);
});

test('a test listener becomes a client listener, and the other way round', async () => {
  const { scene, arn, update } = await shifted();
  expect(await update({ Traffic: 'TESTS', ...OTHERS })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: arn });
  expect(scene.cloud.weights(arn)).toEqual({ [OTHERS.TargetGroups[0]]: 100, [OTHERS.TargetGroups[1]]: 0 });
  const other = await shifted({ Traffic: 'TESTS' });
  expect((await other.update({ Traffic: 'SHIFTS', ...OTHERS })).Status).toBe('SUCCESS');
});

test('a listener can be deleted twice', async () => {
  const { scene, arn } = await shifted();
  const deletion = { RequestType: 'Delete', PhysicalResourceId: arn, ResourceProperties: listenerProperties() } as const;
  expect((await scene.serve(deletion)).Status).toBe('SUCCESS');
  expect((await scene.serve(deletion)).Status).toBe('SUCCESS');
  expect(scene.cloud.listeners.size).toBe(0);
});

test.each([['Port', 'x'], ['Protocol', ''], ['Traffic', 'SOMETIMES'], ['TargetGroups', [MAIN]], ['TargetGroups', [MAIN, MAIN]], ['LoadBalancerArn', 'arn:aws:s3:::b']])(
  'a wrong %s is rejected before anything happens', async (name, value) => {
    const scene = new TrafficScene();
    const told = await scene.serve({ RequestType: 'Create', ResourceProperties: listenerProperties({ [name]: value }) });
    expect(told).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining(`the property '${name}' must be`) });
    expect(scene.cloud.requests).toEqual([]);
  });

test.each<[string, unknown, string]>([
  ['Port', '123456', "a port, not '123456'"],
  ['Port', 'p80', 'a port'],
  ['Port', '80p', 'a port'],
  ['Protocol', 'tls', 'a protocol'],
  ['Protocol', 'TLS ', 'a protocol'],
  ['Protocol', 'T', 'a protocol'],
  ['Protocol', '1TCP', 'a protocol'],
  ['LoadBalancerArn', 'arn:aws:s3:::b', 'the ARN of a load balancer'],
  ['Certificate', 'a b', "a value that ELB accepts, not 'a b'"],
  ['Certificate', ' ', 'a value that ELB accepts'],
  ['SslPolicy', 'ELB?', 'a value that ELB accepts'],
  ['AlpnPolicy', '?ELB', 'a value that ELB accepts'],
  ['IdleTimeout', 350, "a value that ELB accepts, not '350'"],
])('a listener is rejected if %s is %j', async (name, value, must) => {
  const scene = new TrafficScene();
  const told = await scene.serve({ RequestType: 'Create', ResourceProperties: listenerProperties({ [name]: value }) });
  expect(told).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining(`the property '${name}' must be ${must}`) });
  expect(scene.cloud.requests).toEqual([]);
});

test('a listener for TCP and UDP needs no certificate', async () => {
  const scene = new TrafficScene();
  const told = await scene.serve({ RequestType: 'Create', ResourceProperties: listenerProperties({ ...TCP, Protocol: 'TCP_UDP' }) });
  expect(told.Status).toBe('SUCCESS');
  expect(scene.cloud.listeners.get(told.PhysicalResourceId)?.settings).toEqual({ Port: '443', Protocol: 'TCP_UDP' });
  expect(scene.cloud.takeOperations()).not.toContain('ModifyListenerAttributes');
});

test('a listener of another port with the same target groups is not confused with that of an earlier event', async () => {
  const scene = new TrafficScene();
  const first = await scene.serve({ RequestType: 'Create', ResourceProperties: listenerProperties() });
  const second = await scene.serve({ RequestType: 'Create', ResourceProperties: listenerProperties({ Port: '8443' }) });
  expect(second.Status).toBe('SUCCESS');
  expect(second.PhysicalResourceId).not.toBe(first.PhysicalResourceId);
  expect((await scene.serve({ RequestType: 'Create', ResourceProperties: listenerProperties() })).PhysicalResourceId).toBe(first.PhysicalResourceId);
});

describe('if ELB answers that target groups', () => {
  /** The answer of ELB from now on. */
  function instead(scene: TrafficScene, operation: string, result: string): void {
    const { send } = scene.cloud;
    Object.assign(scene.cloud, {
      send: async (request: Parameters<typeof send>[0]) => new URLSearchParams(request.body).get('Action') !== operation ? send(request)
        : { status: 200, body: `<${operation}Response><${operation}Result>${result}</${operation}Result></${operation}Response>` },
    });
  }
  const members = (list: string, ...each: string[]) => `<${list}>${each.map(one => `<member>${one}</member>`).join('')}</${list}>`;
  const target = (state: string) => `<TargetHealth><State>${state}</State></TargetHealth>`;

  test('have only draining targets, they are replaced', async () => {
    const { scene, update } = await shifted();
    instead(scene, 'DescribeTargetHealth', members('TargetHealthDescriptions', target('draining'), target('draining')));
    expect((await update(OTHERS)).Status).toBe('SUCCESS');
  });

  test('have targets that are not draining, they are kept', async () => {
    const { scene, update } = await shifted();
    instead(scene, 'DescribeTargetHealth', members('TargetHealthDescriptions', target('draining'), target('unhealthy')));
    expect((await update(OTHERS)).Status).toBe('FAILED');
  });

  test('are in use, in the short form of the action, they are kept too', async () => {
    const { scene, arn, update } = await shifted();
    const action = `<Type>forward</Type><TargetGroupArn>${ALTERNATE}</TargetGroupArn>`;
    instead(scene, 'DescribeListeners', members('Listeners', `<ListenerArn>${arn}</ListenerArn><LoadBalancerArn>${NLB}</LoadBalancerArn>${members('DefaultActions', action)}`));
    expect(await update(OTHERS)).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('would be replaced while clients use them') });
  });

  test('are in use, without a weight, they are kept', async () => {
    const { scene, arn, update } = await shifted();
    const action = `<Type>forward</Type><ForwardConfig>${members('TargetGroups', `<TargetGroupArn>${ALTERNATE}</TargetGroupArn>`)}</ForwardConfig>`;
    instead(scene, 'DescribeListeners', members('Listeners', `<ListenerArn>${arn}</ListenerArn><LoadBalancerArn>${NLB}</LoadBalancerArn>${members('DefaultActions', action)}`));
    expect((await update(OTHERS)).Status).toBe('FAILED');
  });

  test.each([['Listener', listenerProperties()], ['Rule', ruleProperties()]])('are used by a new %s, but without its ARN, the reason says so', async (kind, ResourceProperties) => {
    const scene = new TrafficScene();
    instead(scene, `Create${kind}`, '');
    expect(await scene.serve({ RequestType: 'Create', ResourceProperties })).toMatchObject({
      Status: 'FAILED', Reason: expect.stringContaining(`ELB answered Create${kind} without an ARN; deploy again`),
    });
  });
});

test('fifty pages of rules are read, and the reason says if there are more', async () => {
  const scene = new TrafficScene();
  const create = async (priority: number) =>
    scene.serve({ RequestType: 'Create', ResourceProperties: ruleProperties({ Priority: String(priority) }), LogicalResourceId: `Rule${priority}` });
  scene.cloud.pageSize = 100;
  for (let priority = 1; priority <= 49; priority++) await create(priority);
  scene.cloud.pageSize = 1;
  expect((await create(50)).Status).toBe('SUCCESS');
  expect(await create(51)).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('ELB has more than 5000 Rules; remove those that nobody uses') });
});
