import { App, Aspects, CfnResource, Duration, Fn, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Annotations } from 'aws-cdk-lib/assertions';
import { CfnScalableTarget, ScalableTarget, Schedule, ServiceNamespace } from 'aws-cdk-lib/aws-applicationautoscaling';
import { BaseService, CfnService, Cluster, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { FargateService, FargateServiceProps } from '../../../src';
import { Match, newCluster, newStack, Template } from '../../helpers/stack';

const image = ContainerImage.fromRegistry('nginx');
const DIMENSION = 'ecs:service:DesiredCount';
const LIMITS = { minCapacity: 4, maxCapacity: 20, scalableDimension: DIMENSION, serviceNamespace: ServiceNamespace.ECS };

function serviceIn(stack: Stack, props: Partial<FargateServiceProps> = {}, id = 'Service'): FargateService {
  const cluster = stack.node.tryFindChild('Cluster') as Cluster | undefined ?? newCluster(stack);
  return new FargateService(stack, id, { cluster, containers: { web: { image } }, ...props });
}

function countIn(stack: Stack): unknown[] {
  return Object.values(Template.fromStack(stack).findResources('AWS::ECS::Service')).map(({ Properties }) => Properties.DesiredCount);
}

const REFERENCES: [string, (service: BaseService) => string][] = [
  ['an ID of Fn.join', ({ serviceName }) => Fn.join('/', ['service', 'cluster', serviceName])],
  ['a variable of Fn.sub', ({ serviceName }) => Fn.sub('service/cluster/${Name}', { Name: serviceName })],
  ['a part of the ARN', ({ serviceArn }) => Fn.select(5, Fn.split(':', serviceArn))],
];

const WAYS: [string, (service: FargateService) => void][] = [
  ['autoScaleTaskCount', ({ ecsService }) => { ecsService.autoScaleTaskCount({ minCapacity: 4, maxCapacity: 20 }); }],
  ['a schedule', ({ ecsService }) => {
    ecsService.autoScaleTaskCount({ minCapacity: 4, maxCapacity: 20 }).scaleOnSchedule('Morning', { schedule: Schedule.cron({ hour: '8' }), minCapacity: 10 });
  }],
  ['a ScalableTarget', service => {
    const { cluster, serviceName } = service.ecsService;
    new ScalableTarget(service, 'Mine', { ...LIMITS, resourceId: `service/${cluster.clusterName}/${serviceName}` });
  }],
  ['an L1', service => {
    const resource = service.ecsService.node.defaultChild as CfnService;
    new CfnScalableTarget(service, 'Mine', {
      ...LIMITS, serviceNamespace: 'ecs', resourceId: `service/${service.ecsService.cluster.clusterName}/${resource.attrName}`,
    });
  }],
  ['a resource that is included from a template', service => {
    const stack = Stack.of(service);
    new CfnResource(stack, 'Mine', {
      type: 'AWS::ApplicationAutoScaling::ScalableTarget',
      properties: { ResourceId: { 'Fn::Sub': `service/cluster/\${${stack.getLogicalId(service.ecsService.node.defaultChild as CfnService)}.Name}` } },
    });
  }],
  ['a ScalableTarget in another stack', service => {
    const other = new Stack(service.node.root as App, 'Other');
    new ScalableTarget(other, 'Mine', { ...LIMITS, resourceId: `service/${service.ecsService.cluster.clusterName}/${service.ecsService.serviceName}` });
  }],
  ...REFERENCES.map(([how, resourceId]): [string, (service: FargateService) => void] => [`a ScalableTarget in another stack, with ${how}`, service => {
    new ScalableTarget(new Stack(service.node.root as App, 'Other'), 'Mine', { ...LIMITS, resourceId: resourceId(service.ecsService) });
  }]),
  ['a CfnResource of another stack', ({ node, ecsService }) => {
    new CfnResource(new Stack(node.root as App, 'Other'), 'Mine', {
      type: 'AWS::ApplicationAutoScaling::ScalableTarget', properties: { ResourceId: `service/cluster/${ecsService.serviceName}` },
    });
  }],
  ['a property override in a nested stack', ({ node, ecsService }) => {
    new CfnScalableTarget(new NestedStack(node.scope as Stack, 'Nested'), 'Mine', { ...LIMITS, serviceNamespace: 'ecs', resourceId: 'changed' })
      .addPropertyOverride('ResourceId', `service/cluster/${ecsService.serviceName}`);
  }],
];

test.each(WAYS)('the desired count is left out of the template if %s scales the service', (_, scale) => {
  const stack = newStack();
  const service = serviceIn(stack);
  scale(service);
  (stack.node.root as App).synth();
  expect(countIn(stack)).toEqual([undefined]);
});

test('the desired count is left out if the scalable target refers to the service by its name', () => {
  const stack = newStack();
  serviceIn(stack, { serviceName: 'web' });
  new ScalableTarget(stack, 'Target', { ...LIMITS, resourceId: 'service/somewhere/web' });
  expect(countIn(stack)).toEqual([undefined]);
});

test('another service keeps its desired count', () => {
  const stack = newStack();
  serviceIn(stack, {}, 'One').ecsService.autoScaleTaskCount({ minCapacity: 1, maxCapacity: 2 }).scaleOnCpuUtilization('Cpu', {
    targetUtilizationPercent: 50, scaleInCooldown: Duration.minutes(1),
  });
  serviceIn(stack, { serviceName: 'two' }, 'Two');
  new ScalableTarget(stack, 'Table', { ...LIMITS, serviceNamespace: ServiceNamespace.DYNAMODB, scalableDimension: 'dynamodb:table:ReadCapacityUnits', resourceId: 'table/two' });
  expect(countIn(stack)).toEqual([undefined, 1]);
});

test('a desired count that you set stays, with a warning about the construct that scales the service', () => {
  const stack = newStack();
  serviceIn(stack, { desiredCount: 4 }).ecsService.autoScaleTaskCount({ minCapacity: 4, maxCapacity: 20 });
  expect(countIn(stack)).toEqual([4]);
  Annotations.fromStack(stack).hasWarning('/Stack/Service', Match.stringLikeRegexp(
    "'desiredCount' is set, but Stack/Service/Service/TaskCount/Target/Resource scales the service: each deployment that changes the service resets",
  ));
});

test('an escape hatch for the desired count wins', () => {
  const stack = newStack();
  const { ecsService } = serviceIn(stack);
  (ecsService.node.defaultChild as CfnService).desiredCount = 7;
  expect(countIn(stack)).toEqual([7]);
});

test('the desired count is left out if an aspect scales the service', () => {
  const stack = newStack();
  const service = serviceIn(stack);
  Aspects.of(service).add({ visit: node => { if (node === service) WAYS[0][1](service); } });

  expect(countIn(stack)).toEqual([undefined]);
});

test('the desired count is left out if the service is in a stage', () => {
  const stack = new Stack(new Stage(new App(), 'Prod'), 'Stack');
  WAYS[0][1](serviceIn(stack));

  expect(countIn(stack)).toEqual([undefined]);
});

test('the desired count is left out if the app is synthesized again after the service is scaled', () => {
  const app = new App();
  const stack = new Stack(app, 'Stack');
  const service = serviceIn(stack);
  const counts = () => Object.values((app.synth({ force: true }).getStackByName('Stack').template as { Resources: Record<string, { Type: string; Properties: { DesiredCount?: number } }> }).Resources)
    .filter(({ Type }) => Type === 'AWS::ECS::Service').map(({ Properties }) => Properties.DesiredCount);

  expect(counts()).toEqual([1]);
  WAYS[0][1](service);
  expect(counts()).toEqual([undefined]);
});

test('an app is searched once for scalable targets, however many services it has', () => {
  const searches = (services: number) => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    Array.from({ length: services }).forEach((_, index) => serviceIn(stack, {}, `Service${index}`));
    const search = jest.spyOn(app.node, 'findAll');
    app.synth();
    return search.mock.calls.length;
  };

  expect(searches(8)).toBe(searches(2));
});
