import { Duration, Stack } from 'aws-cdk-lib';
import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { Deployment, Exposure, ExposureBindOptions, ExposureConfig, FargateService, FargateServiceProps } from '../../../src';
import { newCluster, newStack, Template } from '../../helpers/stack';

const image = ecs.ContainerImage.fromRegistry('nginx');

export interface Deployed {
  readonly stack: Stack;
  readonly service: FargateService;
}

/** A service with this deployment. */
export function deploy(deployment: Deployment | undefined, props: Partial<FargateServiceProps> = {}, stack = newStack()): Deployed {
  const service = new FargateService(stack, 'Service', {
    cluster: newCluster(stack), containers: { web: { image, port: 80 } }, deployment, ...props,
  });
  return { stack, service };
}

/** The properties of the only service. */
export function serviceOf(stack: Stack) {
  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::ECS::Service'));
  return Properties;
}

/** The deployment configuration of the only service in the template. */
export function configurationOf(stack: Stack) {
  return serviceOf(stack).DeploymentConfiguration;
}

export function newAlarm(scope: Construct, id = 'Errors', alarmName?: string): Alarm {
  return new Metric({ namespace: 'Shop', metricName: id }).createAlarm(scope, id, { alarmName, threshold: 1, evaluationPeriods: 1 });
}

export function newFunction(scope: Construct, id = 'Check'): Function {
  return new Function(scope, id, { runtime: Runtime.NODEJS_24_X, handler: 'index.handler', code: Code.fromInline('exports.handler = () => {}') });
}

/** An exposure written by hand with the L2 load balancer. It has everything that traffic shifting needs. */
export class ShiftingHttp extends Exposure {
  constructor(private readonly testListener: 'as asked for' | 'never' = 'as asked for') {
    super();
  }

  public bind(scope: Construct, { service, vpc, ports: [{ containerName, port }], trafficShift }: ExposureBindOptions): ExposureConfig {
    const loadBalancer = new elbv2.ApplicationLoadBalancer(scope, 'LoadBalancer', { vpc, internetFacing: true });
    const [blue, green] = ['Blue', 'Green'].map(id => new elbv2.ApplicationTargetGroup(scope, id, {
      vpc, port: 80, protocol: elbv2.ApplicationProtocol.HTTP, targetType: elbv2.TargetType.IP, deregistrationDelay: Duration.seconds(30),
    }));
    const ruleOn = (id: string, listens: number) => new elbv2.ApplicationListenerRule(scope, `${id}Rule`, {
      listener: loadBalancer.addListener(id, {
        port: listens, protocol: elbv2.ApplicationProtocol.HTTP, defaultAction: elbv2.ListenerAction.fixedResponse(404),
      }),
      priority: 1,
      conditions: [elbv2.ListenerCondition.pathPatterns(['/*'])],
      action: elbv2.ListenerAction.weightedForward([{ targetGroup: blue, weight: 1 }, { targetGroup: green, weight: 0 }]),
    });
    const asRule = (rule: elbv2.ApplicationListenerRule) => ecs.ListenerRuleConfiguration.applicationListenerRule(rule);
    const production = ruleOn('Production', 80);
    const testPort = this.testListener === 'never' ? undefined : trafficShift?.testPort;
    blue.addTarget(service.loadBalancerTarget({
      containerName,
      containerPort: port,
      alternateTarget: trafficShift && new ecs.AlternateTarget('Green', {
        alternateTargetGroup: green,
        productionListener: asRule(production),
        testListener: testPort === undefined ? undefined : asRule(ruleOn('Test', testPort)),
      }),
    }));
    return { loadBalancers: [loadBalancer], applicationTargetGroups: [blue, green] };
  }
}

/** An exposure by hand that does not support traffic shifting. */
export class PlainHttp extends Exposure {
  public bind(scope: Construct, { service, vpc }: ExposureBindOptions): ExposureConfig {
    const loadBalancer = new elbv2.ApplicationLoadBalancer(scope, 'LoadBalancer', { vpc });
    loadBalancer.addListener('Listener', { port: 80 }).addTargets('Web', { port: 80, targets: [service] });
    return { loadBalancers: [loadBalancer] };
  }
}

/** An exposure through Service Connect, whose proxies can shift traffic. */
export class ByServiceConnect extends Exposure {
  public bind(_scope: Construct, { service, ports: [{ portName }] }: ExposureBindOptions): ExposureConfig {
    service.enableServiceConnect({ namespace: 'shop.local', services: [{ portMappingName: portName }] });
    return {};
  }
}
