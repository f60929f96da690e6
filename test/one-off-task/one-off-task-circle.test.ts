import { App, NestedStack, Stack } from 'aws-cdk-lib';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import { Exposure, FargateService, OneOffFargateTask } from '../../src';
import { newCluster, newStack, Template } from '../helpers/stack';
import { messageOf } from '../helpers/wrong-input';

const image = ContainerImage.fromRegistry('nginx');

interface Scene {
  readonly stack: Stack;
  readonly service: FargateService;
  readonly migrate: OneOffFargateTask;
}

/** The error message of synthesis for a one-off task and a service with these dependencies. */
function told(arrange: (scene: Scene) => void, inside = (stack: Stack): Construct => stack): string {
  const stack = newStack();
  const cluster = newCluster(stack);
  const service = new FargateService(inside(stack), 'Web', { cluster, containers: { web: { image, port: 80 } }, exposure: Exposure.publicHttp() });
  arrange({ stack, service, migrate: new OneOffFargateTask(stack, 'Migrate', { cluster, containers: { migrate: { image } } }) });
  return messageOf(() => Template.fromStack(stack)).replace('raw ', '');
}

const CIRCLE = /^Stack: 'dependencies' must not be circular, got Stack\/(.*\n  which depends on Stack\/)+/;
const CURE = 'Remove one of these references.';

describe('a circular dependency of a one-off task is reported at synthesis:', () => {
  test.each<[string, (scene: Scene) => void]>([
    ['before and after one service', ({ migrate, service }) => {
      migrate.executeBefore(service);
      migrate.executeAfter(service);
    }],
    ['after a resource that depends on the service that runs after it', ({ stack, migrate, service }) => {
      const bucket = new Bucket(stack, 'Bucket');
      migrate.executeBefore(service);
      migrate.executeAfter(bucket);
      bucket.node.addDependency(service);
    }],
    ['after a resource that only refers to that service', ({ stack, migrate, service }) => {
      migrate.executeBefore(service);
      migrate.executeAfter(new Alarm(stack, 'Alarm', { metric: service.metricCpuUtilization(), threshold: 1, evaluationPeriods: 1 }));
    }],
    ['with that service among its own environment', ({ migrate, service }) => {
      migrate.executeBefore(service);
      migrate.taskDefinition.defaultContainer?.addEnvironment('SERVICE', service.ecsService.serviceName);
    }],
    ['after a resource that waits for the task itself', ({ stack, migrate }) => {
      const bucket = new Bucket(stack, 'Bucket');
      bucket.node.addDependency(migrate);
      migrate.executeAfter(bucket);
    }],
  ])('%s', (_, arrange) => {
    const message = told(arrange);
    expect(message).toMatch(CIRCLE);
    expect(message).toContain(CURE);
  });

  test('the message names each resource of the cycle', () => {
    expect(told(({ migrate, service }) => {
      migrate.executeAfter(service);
      migrate.executeBefore(service);
    })).toContain('got Stack/Web/Service/Service\n  which depends on Stack/Migrate/Resource/Default\n  which depends on Stack/Web/Service/Service\n');
  });

  test('with a service in a nested stack', () => {
    const message = told(({ migrate, service }) => {
      migrate.executeBefore(service);
      migrate.executeAfter(service);
    }, stack => new NestedStack(stack, 'Nested'));
    expect(message).toMatch(CIRCLE);
  });

  test('a cycle with a service in another stack is reported by CDK', () => {
    const app = new App();
    const [data, web] = ['Data', 'Web'].map(id => new Stack(app, id));
    const cluster = newCluster(data);
    const service = new FargateService(web, 'Web', { cluster, containers: { web: { image } } });
    const migrate = new OneOffFargateTask(data, 'Migrate', { cluster, containers: { migrate: { image } } });
    migrate.executeBefore(service);
    migrate.executeAfter(service);
    expect(() => app.synth()).toThrow(/cyclic/i);
  });
});

test.each<[string, (scene: Scene) => void]>([
  ['after the load balancer of the service that it is before', ({ migrate, service }) => {
    migrate.executeAfter(service.loadBalancer as Construct & NonNullable<typeof service.loadBalancer>);
    migrate.executeBefore(service);
  }],
  ['after a service, with a resource that waits for both', ({ stack, migrate, service }) => {
    migrate.executeAfter(service);
    new Bucket(stack, 'Bucket').node.addDependency(service, migrate);
  }],
  ['that knows where the service is that it is before', ({ migrate, service }) => {
    migrate.taskDefinition.defaultContainer?.addEnvironment('URL', service.endpoint);
    migrate.executeBefore(service);
  }],
])('but a one-off task is accepted %s', (_, arrange) => {
  expect(told(arrange)).toBe('accepted');
});
