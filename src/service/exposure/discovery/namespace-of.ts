import { BaseService } from 'aws-cdk-lib/aws-ecs';
import { INamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { IConstruct } from 'constructs';
import { isObject } from '../../../private/check-types';
import { reject } from '../../../private/validation';

/** The namespace that is given, else the one of the cluster. */
export function namespaceOf(scope: IConstruct, service: BaseService, given: INamespace | undefined): INamespace {
  if (given !== undefined && (!isObject(given) || typeof given.namespaceArn !== 'string')) {
    reject(scope, {
      property: 'exposure.namespace', must: 'be a namespace of Cloud Map', got: given,
      fix: 'Give e.g. a servicediscovery.PrivateDnsNamespace, or leave it out for the one of the cluster.',
    });
  }
  return given ?? service.cluster.defaultCloudMapNamespace ?? reject(scope, {
    property: 'exposure.namespace', must: 'be given, because the cluster is not known to have a namespace', got: undefined,
    fix: 'Give one, or give the cluster one before the service, with addDefaultCloudMapNamespace({ name: \'internal\' }).',
  });
}
