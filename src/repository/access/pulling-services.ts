import { Lazy, Stack } from 'aws-cdk-lib';
import { IGrantable, IPrincipal, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { PullService } from './pull-service';
import { PULL_ACTIONS } from '../../private/ecr-actions';
import { SOURCE_ARN } from '../../private/lambda-functions';

/**
 * The services that pull from one repository.
 *
 * Each gets one statement with one condition, which lists everything that the service pulls for. What is added later is in the same list.
 */
export class PullingServices {
  // By what they are called: there may be another copy of this package.
  private readonly services = new Map<string, { readonly principal: IPrincipal; readonly resources: Set<string> }>();

  constructor(private readonly scope: IConstruct) {}

  /** The service, for these resources and all others that are ever added. */
  public principalOf(service: PullService, resources: string[]): IPrincipal {
    const name = this.nameOf(service._principal(this.scope, []));
    const known = this.services.get(name) ?? this.added(name, service);
    resources.forEach(resource => known.resources.add(resource));
    return known.principal;
  }

  /**
   * What to grant instead of a permission to pull without a condition; `undefined` when the grantee is none of these services.
   *
   * The constructs of CDK grant to services without a condition, `DockerImageCode.fromEcr` for one.
   */
  public narrowed(grantee: IGrantable, actions: string[]): IPrincipal | undefined {
    const principal = grantee?.grantPrincipal;
    if (!(principal instanceof ServicePrincipal) || !actions.every(action => PULL_ACTIONS.includes(action))) return undefined;
    const service = PullService._ALL.find(each => this.nameOf(each._principal(this.scope, [])) === this.nameOf(principal));
    const resources = service && this.resourcesIn(service, principal);
    return service && resources && this.principalOf(service, resources);
  }

  private added(name: string, service: PullService) {
    const resources = new Set<string>();
    const added = { resources, principal: service._principal(this.scope, Lazy.list({ produce: () => [...resources] })) };
    this.services.set(name, added);
    return added;
  }

  private nameOf(principal: ServicePrincipal): string {
    return JSON.stringify(Stack.of(this.scope).resolve(principal.policyFragment.principalJson));
  }

  /** What the grantee pulls for; `undefined` when it has a condition of another kind. */
  private resourcesIn(service: PullService, { policyFragment: { conditions } }: ServicePrincipal): string[] | undefined {
    if (Object.keys(conditions).length === 0) return service._resources(this.scope, []);
    const { StringLike: { [SOURCE_ARN]: resources, ...keys } = {}, ...operators } = conditions as { StringLike?: { [key: string]: string[] } };
    return resources !== undefined && Object.keys({ ...keys, ...operators }).length === 0 ? [resources].flat() : undefined;
  }
}
