import {
  Annotations, CfnElement, CfnResource, DefaultTokenResolver, IPostProcessor, IResolvable, IResolveContext, Lazy, Reference, Stack, Stage,
  StringConcat, Token, Tokenization,
} from 'aws-cdk-lib';
import { CfnScalableTarget } from 'aws-cdk-lib/aws-applicationautoscaling';
import { CfnService } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { isObject } from '../../private/shape';
import { namedIn } from '../../private/template/template-dependencies';

/**
 * Leaves the number of tasks out of the template if a scalable target of the app scales the service, because each update of the service would reset
 * the number. A number that the user has set is kept, with a warning.
 */
export function leaveCountToScaling(owner: IConstruct, service: CfnService, isGiven: boolean): void {
  const { desiredCount } = service;
  if (desiredCount === undefined) {
    return;
  }
  walkOnce(service);
  if (!isGiven) {
    // The default contains no reference, so its value does not matter while CDK looks for references.
    service.desiredCount = Lazy.uncachedNumber({
      produce: ({ preparing }) => preparing || targetOf(service) === undefined ? desiredCount : undefined,
    });
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

// The scalable targets of an app, by stage.
const TARGETS = new WeakMap<IConstruct, readonly CfnResource[]>();
const WALKED = new WeakSet<IConstruct>();

/**
 * Finds all scalable targets once in each synthesis of a stage, because an app can have hundreds of services.
 *
 * Nothing is added to the app after the validations of the stage, which come before those of all other constructs.
 */
function walkOnce(service: CfnService): void {
  const stage = stageOf(service);
  if (WALKED.has(stage)) return;
  WALKED.add(stage);
  stage.node.addValidation({
    validate: () => {
      TARGETS.set(stage, targetsIn(service.node.root));
      return [];
    },
  });
}

function stageOf(service: CfnService): IConstruct {
  return Stage.of(service) ?? service.node.root;
}

function targetsIn(root: IConstruct): CfnResource[] {
  return root.node.findAll().filter((each): each is CfnResource => CfnResource.isCfnResource(each) && each.cfnResourceType === SCALABLE_TARGET);
}

/** A scalable target for the service, anywhere in the app. */
function targetOf(service: CfnService): CfnElement | undefined {
  return (TARGETS.get(stageOf(service)) ?? targetsIn(service.node.root)).find(target => scales(target, service));
}

function scales(target: CfnResource, service: CfnService): boolean {
  const given = target instanceof CfnScalableTarget && Token.isUnresolved(target.resourceId) ? servicesIn(target, target.resourceId) : [];
  if (given.length > 0) return given.includes(service);
  const resource = target._toCloudFormation();
  const resourceId = resourceIdIn(Stack.of(target).resolve(resource));
  const [, cluster, name] = /^service\/([^/]+)\/([^/]+)$/.exec(typeof resourceId === 'string' ? resourceId : '') ?? [];
  if (name !== undefined) {
    return name === service.serviceName && (typeof service.cluster !== 'string' || Token.isUnresolved(service.cluster) || service.cluster === cluster);
  }
  return Stack.of(target) === Stack.of(service)
    ? namedIn(resourceId).includes(Stack.of(service).getLogicalId(service))
    : referencesIn(target, resource).has(service);
}

const SERVICES = new WeakMap<CfnResource, { readonly resourceId: string; readonly services: readonly IConstruct[] }>();

/** The services that a resource ID refers to. Cached, because an app can have hundreds of services and targets. */
function servicesIn(target: CfnScalableTarget, resourceId: string): readonly IConstruct[] {
  const cached = SERVICES.get(target);
  if (cached?.resourceId === resourceId) return cached.services;
  const services = [...referencesIn(target, resourceId)].filter(each => CfnService.isCfnService(each));
  SERVICES.set(target, { resourceId, services });
  return services;
}

/** The constructs that a value refers to. They are found by their tokens, so they can be in any stack. */
function referencesIn(scope: IConstruct, value: unknown): Set<IConstruct> {
  const resolver = new References(new StringConcat());
  Tokenization.resolve(value, { scope, preparing: false, resolver });
  return resolver.targets;
}

class References extends DefaultTokenResolver {
  public readonly targets = new Set<IConstruct>();

  public override resolveToken(token: IResolvable, context: IResolveContext, postProcessor: IPostProcessor): unknown {
    if (Reference.isReference(token)) this.targets.add(token.target);
    return super.resolveToken(token, context, postProcessor);
  }
}

/** The resource ID in a rendered template element, which can also be a resource of an included template. */
function resourceIdIn({ Resources = {} }: { readonly Resources?: object }): unknown {
  const [resource] = Object.values(Resources);
  return isObject(resource) && isObject(resource.Properties) ? resource.Properties.ResourceId : undefined;
}
