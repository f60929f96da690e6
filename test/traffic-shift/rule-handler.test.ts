import { group, listenerArn } from '../helpers/elb-cloud';
import { ALTERNATE, MAIN, ruleProperties, STACK, TrafficScene } from '../helpers/traffic-scene';

const REPLACED = { TargetGroups: [group('new-main'), group('new-alternate')] };

/** A scene with a rule whose traffic ECS has shifted to the second target group. */
async function shifted(): Promise<{ scene: TrafficScene; arn: string }> {
  const scene = new TrafficScene();
  const { PhysicalResourceId: arn } = await scene.serve({ RequestType: 'Create', ResourceProperties: ruleProperties() });
  scene.cloud.shift(arn, { [MAIN]: 0, [ALTERNATE]: 100 });
  scene.cloud.targets.set(ALTERNATE, 2);
  scene.cloud.takeOperations();
  return { scene, arn };
}

const SHIFTED = { [MAIN]: 0, [ALTERNATE]: 100 };

describe('creating a rule', () => {
  test('sends all traffic to the first target group, and returns the ARN of the rule', async () => {
    const scene = new TrafficScene();
    const told = await scene.serve({ RequestType: 'Create', ResourceProperties: ruleProperties({ Tags: [{ Key: 'team', Value: 'a' }] }) });

    expect(told).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: expect.stringMatching(/:listener-rule\/app\/web\/a1\/l80\/r\d+$/) });
    const rule = scene.cloud.rules.get(told.PhysicalResourceId);
    expect(scene.cloud.weights(told.PhysicalResourceId)).toEqual({ [MAIN]: 100, [ALTERNATE]: 0 });
    expect(rule).toMatchObject({ priority: '1500', conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/*'] } }] });
    expect(rule?.tags.get('team')).toBe('a');
    expect(rule?.tags.get('cdk-container-delivery:stack')).toBe(STACK);
  });

  test('sends the traffic to the second target group if only that one has targets', async () => {
    const scene = new TrafficScene();
    scene.cloud.targets.set(ALTERNATE, 1);
    const { PhysicalResourceId } = await scene.serve({ RequestType: 'Create', ResourceProperties: ruleProperties() });
    expect(scene.cloud.weights(PhysicalResourceId)).toEqual(SHIFTED);
  });

  test('supports all conditions that a route can have', async () => {
    const scene = new TrafficScene();
    const Conditions = [
      { Field: 'host-header', HostHeaderConfig: { Values: ['a.example.com', 'b.example.com'] } },
      { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Version', Values: ['2'] } },
      { Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'v', Value: '2 & more' }] } },
    ];
    const { PhysicalResourceId } = await scene.serve({ RequestType: 'Create', ResourceProperties: ruleProperties({ Conditions }) });
    expect(scene.cloud.rules.get(PhysicalResourceId)?.conditions).toEqual(Conditions);
  });

  test('creates one rule if the event arrives twice', async () => {
    const scene = new TrafficScene();
    const first = await scene.serve({ RequestType: 'Create', ResourceProperties: ruleProperties() });
    expect(await scene.serve({ RequestType: 'Create', ResourceProperties: ruleProperties() })).toEqual(first);
    expect(scene.cloud.rules.size).toBe(1);
  });

  test('reads the rules of the listener in pages of a hundred, and no tags if none of them can be its own', async () => {
    const scene = new TrafficScene();
    const { PhysicalResourceId: arn } = await scene.serve({ RequestType: 'Create', ResourceProperties: ruleProperties() });
    expect(scene.cloud.requests.map(({ operation }) => operation)).not.toContain('DescribeTags');
    expect(scene.cloud.requests[0]).toEqual({ operation: 'DescribeRules', parameters: { ListenerArn: listenerArn('l80'), PageSize: '100' } });
    scene.cloud.takeOperations();
    await scene.serve({ RequestType: 'Update', PhysicalResourceId: arn, OldResourceProperties: ruleProperties(), ResourceProperties: ruleProperties() });
    expect(scene.cloud.requests[0]).toEqual({ operation: 'DescribeRules', parameters: { RuleArns: [arn] } });
  });

  test('adopts no rule with another priority or another target group, even if an earlier event created it', async () => {
    const scene = new TrafficScene();
    const first = await scene.serve({ RequestType: 'Create', ResourceProperties: ruleProperties() });
    const second = await scene.serve({ RequestType: 'Create', ResourceProperties: ruleProperties({ Priority: '9' }) });
    expect(second.Status).toBe('SUCCESS');
    expect(second.PhysicalResourceId).not.toBe(first.PhysicalResourceId);
    for (const TargetGroups of [REPLACED.TargetGroups, [MAIN, group('new-alternate')]]) {
      const told = await scene.serve({ RequestType: 'Create', ResourceProperties: ruleProperties({ TargetGroups }) });
      expect(told).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('PriorityInUse'), PhysicalResourceId: expect.stringMatching(/^traffic-shift-[0-9a-f]{16}$/) });
    }
  });

  test('creates one rule if the answer of ELB is lost', async () => {
    const scene = new TrafficScene();
    scene.cloud.failures.push({ operation: 'CreateRule', code: 'InternalFailure', status: 500, after: true });
    expect(await scene.serve({ RequestType: 'Create', ResourceProperties: ruleProperties() })).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.cloud.rules.size).toBe(1);
  });

  test('that CloudFormation abandons deletes the rule by its properties', async () => {
    const scene = new TrafficScene();
    await scene.serve({ RequestType: 'Create', ResourceProperties: ruleProperties() });
    await scene.serve({ RequestType: 'Create', ResourceProperties: ruleProperties({ Priority: '9' }), LogicalResourceId: 'Other' });
    await scene.serve({ RequestType: 'Delete', ResourceProperties: ruleProperties(), PhysicalResourceId: 'traffic-shift-0' });
    expect([...scene.cloud.rules.values()].map(({ priority }) => priority)).toEqual(['9']);
  });

  test('never adopts the rule of another resource, even if it forwards to the same target groups', async () => {
    const scene = new TrafficScene();
    await scene.serve({ RequestType: 'Create', ResourceProperties: ruleProperties(), LogicalResourceId: 'TestRule' });
    const told = await scene.serve({ RequestType: 'Create', ResourceProperties: ruleProperties() });
    expect(told).toMatchObject({ Status: 'FAILED', Reason: expect.stringMatching(/PriorityInUse.*another rule of the listener has the priority 1500; write another one/) });
  });
});

describe('updating a rule', () => {
  test.each([
    ['a route', { Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/api/*'] } }] }, ['DescribeRules', 'ModifyRule']],
    ['a priority', { Priority: '7' }, ['DescribeRules', 'SetRulePriorities', 'ModifyRule']],
    ['a tag', { Tags: [{ Key: 'team', Value: 'b' }] }, ['DescribeRules', 'ModifyRule', 'AddTags']],
    ['nothing', {}, ['DescribeRules', 'ModifyRule']],
  ])('with %s does not change the weights', async (_, change, operations) => {
    const { scene, arn } = await shifted();
    const told = await scene.serve({ RequestType: 'Update', PhysicalResourceId: arn, OldResourceProperties: ruleProperties(), ResourceProperties: ruleProperties(change) });

    expect(told).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: arn });
    expect(scene.cloud.weights(arn)).toEqual(SHIFTED);
    expect(scene.cloud.requests.filter(({ parameters }) => 'Actions' in parameters)).toEqual([]);
    expect(scene.cloud.takeOperations()).toEqual(operations);
  });

  test('changes what the template changes', async () => {
    const { scene, arn } = await shifted();
    const Conditions = [{ Field: 'path-pattern', PathPatternConfig: { Values: ['/api/*'] } }];
    const earlier = ruleProperties({ Tags: [{ Key: 'gone', Value: '1' }, { Key: 'kept', Value: '1' }] });
    await scene.serve({ RequestType: 'Update', PhysicalResourceId: arn, OldResourceProperties: ruleProperties(), ResourceProperties: earlier });
    scene.cloud.rules.get(arn)?.tags.set('of-an-operator', '1');
    await scene.serve({
      RequestType: 'Update', PhysicalResourceId: arn, OldResourceProperties: earlier,
      ResourceProperties: ruleProperties({ Conditions, Priority: '7', Tags: [{ Key: 'kept', Value: '2' }] }),
    });
    const rule = scene.cloud.rules.get(arn);
    expect(rule).toMatchObject({ priority: '7', conditions: Conditions });
    expect([...rule?.tags ?? []].filter(([key]) => !key.startsWith('cdk-container-delivery'))).toEqual([['kept', '2'], ['of-an-operator', '1']]);
  });

  test('keeps a maintenance page that an operator has set', async () => {
    const { scene, arn } = await shifted();
    const rule = scene.cloud.rules.get(arn);
    if (rule !== undefined) rule.actions = [{ Type: 'fixed-response' }];
    const told = await scene.serve({ RequestType: 'Update', PhysicalResourceId: arn, OldResourceProperties: ruleProperties(), ResourceProperties: ruleProperties() });
    expect(told.Status).toBe('SUCCESS');
    expect(rule?.actions).toEqual([{ Type: 'fixed-response' }]);
  });

  test('fails before clients lose the target groups that they use, with the fix', async () => {
    const { scene, arn } = await shifted();
    const told = await scene.serve({ RequestType: 'Update', PhysicalResourceId: arn, OldResourceProperties: ruleProperties(), ResourceProperties: ruleProperties(REPLACED) });
    expect(told).toMatchObject({
      Status: 'FAILED',
      Reason: 'the target groups of Web/Service would be replaced while clients use them; undo the change of protocol, protocol version, port or VPC, '
        + 'or create a second service with it and move the clients',
    });
    expect(scene.cloud.weights(arn)).toEqual(SHIFTED);
  });

  test('fails before clients lose them also if the rule has an authentication action', async () => {
    const { scene, arn } = await shifted();
    const rule = scene.cloud.rules.get(arn);
    if (rule !== undefined) rule.actions = [{ Type: 'authenticate-oidc' }, ...rule.actions];
    const told = await scene.serve({ RequestType: 'Update', PhysicalResourceId: arn, OldResourceProperties: ruleProperties(), ResourceProperties: ruleProperties(REPLACED) });
    expect(told.Status).toBe('FAILED');
  });

  test('removes no tag that the template keeps', async () => {
    const { scene, arn } = await shifted();
    const tagged = ruleProperties({ Tags: [{ Key: 'team', Value: 'a' }, { Key: 'stage', Value: 'b' }] });
    await scene.serve({ RequestType: 'Update', PhysicalResourceId: arn, OldResourceProperties: tagged, ResourceProperties: tagged });
    expect(scene.cloud.takeOperations()).toEqual(['DescribeRules', 'ModifyRule', 'AddTags']);
  });

  test('replaces the target groups of a service without tasks', async () => {
    const { scene, arn } = await shifted();
    scene.cloud.targets.clear();
    const told = await scene.serve({ RequestType: 'Update', PhysicalResourceId: arn, OldResourceProperties: ruleProperties(), ResourceProperties: ruleProperties(REPLACED) });
    expect(told.Status).toBe('SUCCESS');
    expect(scene.cloud.weights(arn)).toEqual({ [REPLACED.TargetGroups[0]]: 100, [REPLACED.TargetGroups[1]]: 0 });
  });

  test('with target groups that a rollback restores leaves the weights to ECS', async () => {
    const { scene, arn } = await shifted();
    scene.stackStatus = 'UPDATE_ROLLBACK_IN_PROGRESS';
    const told = await scene.serve({ RequestType: 'Update', PhysicalResourceId: arn, OldResourceProperties: ruleProperties(), ResourceProperties: ruleProperties(REPLACED) });
    expect(told.Status).toBe('SUCCESS');
    expect(scene.cloud.weights(arn)).toEqual(SHIFTED);
  });

  test('says so if it cannot find out whether CloudFormation rolls back', async () => {
    const { scene, arn } = await shifted();
    scene.stackStatus = undefined;
    const { Reason } = await scene.serve({ RequestType: 'Update', PhysicalResourceId: arn, OldResourceProperties: ruleProperties(), ResourceProperties: ruleProperties(REPLACED) });
    expect(Reason).toMatch(/move the clients\. CloudFormation did not report whether it rolls back: allow cloudformation:DescribeStacks to the role of the function$/);
  });

  test('creates a deleted rule again, with the weights for its current targets', async () => {
    const { scene, arn } = await shifted();
    scene.cloud.rules.delete(arn);
    const told = await scene.serve({ RequestType: 'Update', PhysicalResourceId: arn, OldResourceProperties: ruleProperties(), ResourceProperties: ruleProperties() });
    expect(told.Status).toBe('SUCCESS');
    expect(told.PhysicalResourceId).not.toBe(arn);
    expect(scene.cloud.weights(told.PhysicalResourceId)).toEqual(SHIFTED);
  });
});

describe('moving a rule to another listener', () => {
  test('creates a rule there with the current weights of the earlier one', async () => {
    const { scene, arn } = await shifted();
    scene.cloud.shift(arn, { [MAIN]: 30, [ALTERNATE]: 70 });
    const moved = ruleProperties({ ListenerArn: listenerArn('l443') });
    const told = await scene.serve({ RequestType: 'Update', PhysicalResourceId: arn, OldResourceProperties: ruleProperties(), ResourceProperties: moved });

    expect(told.PhysicalResourceId).toContain('/l443/');
    expect(scene.cloud.weights(told.PhysicalResourceId)).toEqual({ [MAIN]: 30, [ALTERNATE]: 70 });
    expect(scene.cloud.rules.size).toBe(2);
    await scene.serve({ RequestType: 'Delete', PhysicalResourceId: arn, ResourceProperties: ruleProperties() });
    expect([...scene.cloud.rules.keys()]).toEqual([told.PhysicalResourceId]);
  });

  test('to another load balancer with other target groups keeps the earlier rule for its clients', async () => {
    const { scene, arn } = await shifted();
    const moved = ruleProperties({ ListenerArn: listenerArn('l443'), ...REPLACED });
    const told = await scene.serve({ RequestType: 'Update', PhysicalResourceId: arn, OldResourceProperties: ruleProperties(), ResourceProperties: moved });
    expect(told.Status).toBe('SUCCESS');
    expect(scene.cloud.weights(arn)).toEqual(SHIFTED);
    expect(scene.cloud.weights(told.PhysicalResourceId)).toEqual({ [REPLACED.TargetGroups[0]]: 100, [REPLACED.TargetGroups[1]]: 0 });
  });

  test('and to a rolling deployment in one step fails while clients use the second target group', async () => {
    const { scene, arn } = await shifted();
    const moved = ruleProperties({ ListenerArn: listenerArn('l443'), Traffic: 'STAYS' });
    const told = await scene.serve({ RequestType: 'Update', PhysicalResourceId: arn, OldResourceProperties: ruleProperties(), ResourceProperties: moved });
    expect(told).toMatchObject({ Status: 'FAILED', PhysicalResourceId: arn, Reason: expect.stringContaining('use its second target group') });
    expect(scene.cloud.rules.size).toBe(1);
  });

  test('and back in a rollback uses the earlier rule, which gets the weights of the new one', async () => {
    const { scene, arn } = await shifted();
    const moved = ruleProperties({ ListenerArn: listenerArn('l443') });
    const { PhysicalResourceId } = await scene.serve({ RequestType: 'Update', PhysicalResourceId: arn, OldResourceProperties: ruleProperties(), ResourceProperties: moved });
    scene.cloud.shift(PhysicalResourceId, { [MAIN]: 100, [ALTERNATE]: 0 });
    const back = await scene.serve({ RequestType: 'Update', PhysicalResourceId, OldResourceProperties: moved, ResourceProperties: ruleProperties() });

    expect(back).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: arn });
    expect(scene.lines.join()).toContain('found, weights 100/0');
    expect(scene.cloud.weights(arn)).toEqual({ [MAIN]: 100, [ALTERNATE]: 0 });
  });
});

describe('changing to a rolling deployment', () => {
  const rolling = ruleProperties({ Traffic: 'STAYS' });

  test('works while clients use the first target group', async () => {
    const { scene, arn } = await shifted();
    scene.cloud.shift(arn, { [MAIN]: 100, [ALTERNATE]: 0 });
    const told = await scene.serve({ RequestType: 'Update', PhysicalResourceId: arn, OldResourceProperties: ruleProperties(), ResourceProperties: rolling });
    expect(told.Status).toBe('SUCCESS');
  });

  test('fails while they use the second one, with the fix', async () => {
    const { scene, arn } = await shifted();
    const told = await scene.serve({ RequestType: 'Update', PhysicalResourceId: arn, OldResourceProperties: ruleProperties(), ResourceProperties: rolling });
    expect(told).toMatchObject({
      Status: 'FAILED',
      Reason: 'clients of Web/Service use its second target group, so a rolling deployment would take their tasks away; deploy once more with the earlier '
        + 'strategy (for example with another value in redeployOn), then change to Deployment.rolling({ keepAlternateTargetGroup: true })',
    });
    expect(scene.cloud.weights(arn)).toEqual(SHIFTED);
  });

  test('and back never changes the weights', async () => {
    const { scene, arn } = await shifted();
    const told = await scene.serve({ RequestType: 'Update', PhysicalResourceId: arn, OldResourceProperties: rolling, ResourceProperties: ruleProperties() });
    expect(told.Status).toBe('SUCCESS');
    expect(scene.cloud.weights(arn)).toEqual(SHIFTED);
  });
});

describe('deleting a rule', () => {
  test('works twice', async () => {
    const { scene, arn } = await shifted();
    const deletion = { RequestType: 'Delete', PhysicalResourceId: arn, ResourceProperties: ruleProperties() } as const;
    expect((await scene.serve(deletion)).Status).toBe('SUCCESS');
    expect(scene.cloud.rules.size).toBe(0);
    expect((await scene.serve(deletion)).Status).toBe('SUCCESS');
  });

  test('works by its ARN, whatever its current priority is', async () => {
    const { scene, arn } = await shifted();
    await scene.serve({ RequestType: 'Delete', PhysicalResourceId: arn, ResourceProperties: ruleProperties({ Priority: '9' }) });
    expect(scene.cloud.rules.size).toBe(0);
  });

  test('works after a Create that has done nothing', async () => {
    const scene = new TrafficScene();
    const told = await scene.serve({ RequestType: 'Create', ResourceProperties: { SchemaVersion: '2' } });
    expect(told).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining("the property '") });
    expect((await scene.serve({ RequestType: 'Delete', PhysicalResourceId: told.PhysicalResourceId, ResourceProperties: { SchemaVersion: '2' } })).Status).toBe('SUCCESS');
  });
});

describe('the log of the function says', () => {
  test('which weights it has written, and when it has kept them', async () => {
    const { scene, arn } = await shifted();
    expect(scene.lines.join()).toContain('created, weights 100/0');
    const event = { RequestType: 'Update', PhysicalResourceId: arn, OldResourceProperties: ruleProperties() } as const;
    await scene.serve({ ...event, ResourceProperties: ruleProperties() });
    expect(scene.lines.join()).toContain('updated, weights left alone');
    scene.cloud.targets.clear();
    await scene.serve({ ...event, ResourceProperties: ruleProperties(REPLACED) });
    expect(scene.lines.join()).toContain('updated, weights 100/0');
    await scene.serve({ RequestType: 'Create', ResourceProperties: ruleProperties(REPLACED) });
    expect(scene.lines.join()).toContain('found, weights left alone');
  });

  test('what it has removed', async () => {
    const { scene, arn } = await shifted();
    await scene.serve({ RequestType: 'Delete', PhysicalResourceId: arn, ResourceProperties: ruleProperties() });
    expect(scene.lines.join()).toContain('removed');
    await scene.serve({ RequestType: 'Delete', PhysicalResourceId: 'traffic-shift-0', ResourceProperties: ruleProperties() });
    expect(scene.lines.join()).toContain('nothing to remove');
  });
});
