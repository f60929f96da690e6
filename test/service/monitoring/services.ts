import { Stack } from 'aws-cdk-lib';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Cluster, ClusterProps, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationListener, ApplicationLoadBalancer, ApplicationTargetGroup, ListenerAction, NetworkLoadBalancer, TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { Exposure, ExposureBindOptions, ExposureConfig, FargateService, FargateServiceProps } from '../../../src';
import { existingVpc, newStack } from '../../helpers/stack';

export interface Scene {
  readonly stack: Stack;
  readonly service: FargateService;
  readonly topic: Topic;
  /** Notifies the topic. */
  readonly action: SnsAction;
}

/** A service, and an action to notify. */
export function scene(props: Partial<FargateServiceProps> = {}, where: { stack?: Stack; cluster?: ClusterProps } = {}): Scene {
  const { stack = newStack(), cluster } = where;
  const service = new FargateService(stack, 'Service', {
    cluster: new Cluster(stack, 'Cluster', { vpc: existingVpc(stack), ...cluster }),
    containers: { web: { image: ContainerImage.fromRegistry('nginx'), port: 80 } },
    ...props,
  });
  const topic = new Topic(stack, 'Topic');
  return { stack, service, topic, action: new SnsAction(topic) };
}

/** A load balancer with two target groups, as in blue/green deployments. */
export class BlueGreenExposure extends Exposure {
  public bind(scope: Construct, { vpc, service, ports }: ExposureBindOptions): ExposureConfig {
    const loadBalancer = new ApplicationLoadBalancer(scope, 'LoadBalancer', { vpc, internetFacing: true });
    const [{ containerName, port }] = ports;
    const targets = [service.loadBalancerTarget({ containerName, containerPort: port })];
    const blue = new ApplicationTargetGroup(scope, 'Blue', { vpc, port: 80, targets });
    const green = new ApplicationTargetGroup(scope, 'Green', { vpc, port: 80, targetType: TargetType.IP });
    loadBalancer.addListener('Listener', {
      port: 80, defaultAction: ListenerAction.weightedForward([{ targetGroup: blue, weight: 1 }, { targetGroup: green, weight: 0 }]),
    });
    return { endpoint: 'http://example.com', loadBalancers: [loadBalancer], applicationTargetGroups: [blue, green] };
  }
}

/** TCP through a network load balancer. */
export class TcpExposure extends Exposure {
  public bind(scope: Construct, { vpc, service, ports }: ExposureBindOptions): ExposureConfig {
    const loadBalancer = new NetworkLoadBalancer(scope, 'LoadBalancer', { vpc });
    const [{ containerName, port }] = ports;
    const listener = loadBalancer.addListener('Listener', { port: 5432 });
    const group = listener.addTargets('Service', {
      port, targets: [service.loadBalancerTarget({ containerName, containerPort: port })],
    });
    return { endpoint: 'tcp://example.com', loadBalancers: [loadBalancer], networkTargetGroups: [group] };
  }
}

/** A listener that several services share. */
export class SharedExposure extends Exposure {
  constructor(private readonly listener: ApplicationListener) {
    super();
  }

  public bind(_scope: Construct, { service, ports: [{ containerName, port }] }: ExposureBindOptions): ExposureConfig {
    const group = this.listener.addTargets('Service', {
      port: 80, targets: [service.loadBalancerTarget({ containerName, containerPort: port })],
    });
    return { endpoint: 'http://example.com', loadBalancers: [this.listener.loadBalancer], applicationTargetGroups: [group] };
  }
}
