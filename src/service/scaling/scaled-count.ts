import { Annotations, CfnElement, CfnResource, Lazy, Reference, Stack, Token, Tokenization } from 'aws-cdk-lib';
import { CfnScalableTarget } from 'aws-cdk-lib/aws-applicationautoscaling';
import { CfnService } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { isObject } from '../../private/shape';

/**
 * Leaves the number of tasks out of the template if something scales the service, because each update of the service would reset it. A number that the
 * user has set is kept, with a warning.
 */
export function leaveCountToScaling(owner: IConstruct, service: CfnService, isGiven: boolean): void {
  const { desiredCount } = service;
  if (desiredCount === undefined) {
    return;
  }
  if (!isGiven) {
    service.desiredCount = Lazy.uncachedNumber({ produce: () => targetOf(service) === undefined ? desiredCount : undefined });
    return;
  }
  owner.node.addValidation({
    validate: () => {
      const target = targetOf(service);
      if (target !== undefined) {
        Annotations.of(owner).addWarningV2('cdk-container-delivery:desiredCountWithScalableTarget',
          `'desiredCount' is set, but ${target.node.path} scales the service: each deployment that changes the service resets the number of tasks. `
          + 'Leave \'desiredCount\' out to keep the number that scaling has set.');
      }
      return [];
    },
  });
}

const SCALABLE_TARGET = 'AWS::ApplicationAutoScaling::ScalableTarget';

/** A scalable target for the service, anywhere in the app. */
function targetOf(service: CfnService): CfnElement | undefined {
  return service.node.root.node.findAll()
    .filter((each): each is CfnResource => CfnResource.isCfnResource(each) && each.cfnResourceType === SCALABLE_TARGET)
    .find(target => scales(target, service));
}

function scales(target: CfnResource, service: CfnService): boolean {
  const given = target instanceof CfnScalableTarget ? target.resourceId : undefined;
  // The tokens still name the construct, whatever stack it is in.
  if (given !== undefined && Token.isUnresolved(given)) {
    const { tokens } = Tokenization.reverseString(given);
    if (tokens.some(token => Reference.isReference(token) && token.target === service)) {
      return true;
    }
  }
  const resourceId = resourceIdOf(target);
  const [, cluster, name] = /^service\/([^/]+)\/([^/]+)$/.exec(typeof resourceId === 'string' ? resourceId : '') ?? [];
  if (name !== undefined) {
    return name === service.serviceName && (typeof service.cluster !== 'string' || Token.isUnresolved(service.cluster) || service.cluster === cluster);
  }
  return Stack.of(target) === Stack.of(service) && refersTo(resourceId, Stack.of(service).getLogicalId(service));
}

/** Also of a resource that is included from a template. */
function resourceIdOf(target: CfnResource): unknown {
  const { Resources = {} } = Stack.of(target).resolve(target._toCloudFormation());
  const [resource] = Object.values(Resources);
  return isObject(resource) && isObject(resource.Properties) ? resource.Properties.ResourceId : undefined;
}

function refersTo(value: unknown, logicalId: string): boolean {
  return new RegExp(`"(?:Ref|Fn::GetAtt)":\\[?"${logicalId}"|\\$\\{${logicalId}[.}]`).test(JSON.stringify(value) ?? '');
}
