import { Stack } from 'aws-cdk-lib';
import { BaseService, CfnService } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { DeployedService } from './deployment-config';
import { TrafficShift } from './traffic-shift';
import { reject } from '../../private/validation';

/** Whatever the exposure is, it shows in the service which clients can be moved. */
export function checkShiftable(scope: IConstruct, service: BaseService, shift: TrafficShift, kind: 'blueGreen' | 'linear' | 'canary'): void {
  const { loadBalancers } = service;
  if (loadBalancers.some(each => each.advancedConfiguration === undefined)) {
    reject(scope, {
      property: 'exposure', must: `have a second target group to which Deployment.${kind} moves clients`, got: 'one target group',
      fix: 'Give the target an ecs.AlternateTarget where \'trafficShift\' is set, or use Deployment.rolling().',
    });
  }
  if (kind !== 'blueGreen' && loadBalancers.length === 0 && !servesByServiceConnect(service)) {
    reject(scope, {
      property: 'exposure', must: `have a load balancer or Service Connect, by which Deployment.${kind} moves a part of the clients`, got: 'neither',
      fix: 'Choose one such as Exposure.publicHttp(), or use Deployment.blueGreen() or Deployment.rolling().',
    });
  }
  if (shift.testPort !== undefined && !loadBalancers.some(hasTestListener)) {
    reject(scope, {
      property: 'deployment.testPort', must: 'be left out where no load balancer can listen on it', got: shift.testPort,
      fix: loadBalancers.length > 0
        ? 'Give the ecs.AlternateTarget a testListener where \'trafficShift.testPort\' is set, or leave it out.'
        : 'Choose an exposure with a load balancer, such as Exposure.publicHttp(), or leave it out.',
    });
  }
}

/** A grace period without anything that checks is a mistake: the user believes in a check that is not there. */
export function checkGracePeriod(scope: IConstruct, service: BaseService, { containers }: DeployedService): void {
  if (service.loadBalancers.length === 0 && Object.values(containers).every(({ healthCheck }) => healthCheck === undefined)) {
    reject(scope, {
      property: 'deployment.healthCheckGracePeriod', must: 'be left out where nothing checks the health of the tasks', got: 'no health check',
      fix: 'Choose an exposure with a load balancer, or give a container a healthCheck, or leave it out.',
    });
  }
}

function hasTestListener({ advancedConfiguration }: CfnService.LoadBalancerProperty): boolean {
  return advancedConfiguration !== undefined && 'testListenerRule' in advancedConfiguration && advancedConfiguration.testListenerRule !== undefined;
}

function servesByServiceConnect(service: BaseService): boolean {
  const configuration = Stack.of(service).resolve((service.node.defaultChild as CfnService).serviceConnectConfiguration);
  return configuration?.enabled === true && (configuration.services ?? []).length > 0;
}
