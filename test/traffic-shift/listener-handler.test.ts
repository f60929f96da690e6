import { group } from '../helpers/elb-cloud';
import { ALTERNATE, listenerProperties, MAIN, NLB, TrafficScene } from '../helpers/traffic-scene';

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
  ['a port that is known only now', {}, { Port: '8443' }, { Port: '8443' }],
  ['a tag', {}, { Tags: [{ Key: 'a', Value: '1' }] }, {}],
  ['TCP instead of TLS', {}, TCP, { Protocol: 'TCP' }],
  ['TLS instead of TCP', TCP, listenerProperties(), { Protocol: 'TLS' }],
])('an update with %s leaves the weights alone', async (_, before, change, expected) => {
  const { scene, arn, update } = await shifted(before);
  expect(await update(change)).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: arn });
  expect(scene.cloud.weights(arn)).toEqual(SHIFTED);
  expect(scene.cloud.requests.filter(({ parameters }) => 'DefaultActions' in parameters)).toEqual([]);
  expect(scene.cloud.listeners.get(arn)?.settings).toMatchObject(expected);
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

test('a Create whose second request fails is complete when it arrives again, and is removed otherwise', async () => {
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

test('another load balancer cannot have the same target groups, and the reason says what to do', async () => {
  const { scene, arn, update } = await shifted();
  scene.cloud.loadBalancers.add(`${NLB}-2`);
  expect(await update({ LoadBalancerArn: `${NLB}-2` })).toMatchObject({
    Status: 'FAILED', PhysicalResourceId: arn, Reason: expect.stringContaining('create the service for the other load balancer under another construct ID'),
  });
  expect(scene.cloud.weights(arn)).toEqual(SHIFTED);
});

test('a port that another listener has is reported, also after a change from a rolling deployment', async () => {
  const scene = new TrafficScene();
  await scene.serve({ RequestType: 'Create', ResourceProperties: listenerProperties(OTHERS), LogicalResourceId: 'Other' });
  const { Status, Reason } = await scene.serve({ RequestType: 'Create', ResourceProperties: listenerProperties() });
  expect([Status, Reason]).toEqual(['FAILED', expect.stringMatching(/another listener of the load balancer has the port 443.*cannot change from Deployment\.rolling\(\)/)]);
});

test('a listener for tests becomes one for clients, and the other way round', async () => {
  const { scene, arn, update } = await shifted();
  expect(await update({ Traffic: 'TESTS', ...OTHERS })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: arn });
  expect(scene.cloud.weights(arn)).toEqual({ [OTHERS.TargetGroups[0]]: 100, [OTHERS.TargetGroups[1]]: 0 });
  const other = await shifted({ Traffic: 'TESTS' });
  expect((await other.update({ Traffic: 'SHIFTS', ...OTHERS })).Status).toBe('SUCCESS');
});

test('a listener is deleted once, and again', async () => {
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
