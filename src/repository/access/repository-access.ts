import { Lazy, Stack, Validations } from 'aws-cdk-lib';
import { CfnRepository, Repository } from 'aws-cdk-lib/aws-ecr';
import { AddToResourcePolicyResult, IGrantable, IPrincipal, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import {
  ADMINISTRATION_ACCESS, AdministrationAccess, checkPullAccess, PullAccess, PullService, PUSH_ACCESS, PushAccess,
} from './access';
import { administrationStatements, Administrators, isOwn, pullStatements, pushStatements } from './access-statements';
import { brokenForSure, brokenSize, brokenSomehow } from './possible-statements';
import { brokenRule, isOpen, MayAdminister, StatementJson } from './statement-rules';
import { PULL_ACTIONS, SOURCE_ARN } from '../../private/permissions';
import { checkValue } from '../../private/shape';
import { possibleValues } from '../../private/template/possible-values';
import { reject, sentence, Violation } from '../../private/validation';

const REASONS = 'cdk-container-delivery:administration';

interface AccessProps {
  readonly pullFrom?: PullAccess;
  readonly pushFrom?: PushAccess;
}

/** The policy of a repository. Each statement is checked when it is added, and all of them again at the end of synthesis. */
export class RepositoryAccess {
  private readonly administrators: Administrators;
  private readonly services: PullingServices;
  private readonly resource: CfnRepository;

  constructor(private readonly scope: IConstruct, private readonly repository: Repository, { pullFrom, pushFrom }: AccessProps) {
    this.administrators = new Administrators(scope);
    this.services = new PullingServices(scope);
    this.resource = repository.node.defaultChild as CfnRepository;
    // Statements can change later, and escape hatches can add more.
    scope.node.addValidation({ validate: () => this.brokenRules().map(sentence) });
    if (pullFrom !== undefined) this.allowPullFrom(pullFrom);
    if (pushFrom !== undefined) this.allowPushFrom(pushFrom);
  }

  public allowPullFrom(access: PullAccess): void {
    checkPullAccess(this.scope, access);
    const { services = [], ...others } = access;
    for (const [property, statement] of pullStatements(this.scope, others)) this.add(statement, { property });
    for (const service of services) {
      const principal = this.services.principalOf(service, service._resources(this.scope, access.accounts ?? []));
      this.add(new PolicyStatement({ principals: [principal], actions: PULL_ACTIONS }), { property: 'pullFrom.services' });
    }
  }

  /** Returns a service principal with a condition, if the grantee is such a service without one. */
  public narrowed(grantee: IGrantable, actions: string[]): IPrincipal | undefined {
    return this.services.narrowed(grantee, actions);
  }

  public allowPushFrom(access: PushAccess): void {
    PUSH_ACCESS.check(this.scope, 'pushFrom', access);
    for (const [property, statement] of pushStatements(access)) this.add(statement, { property });
  }

  public allowAdministration(access: AdministrationAccess): void {
    ADMINISTRATION_ACCESS.check(this.scope, 'administration', access);
    for (const [property, statement] of administrationStatements(access)) {
      this.add(statement, { property, mayAdminister: () => true });
      this.administrators.add(statement);
    }
    const reasons = this.resource.getMetadata(REASONS) ?? [];
    this.resource.addMetadata(REASONS, [...reasons, { actions: access.actions, reason: access.reason }]);
  }

  public add(statement: PolicyStatement, origin: { property?: string; mayAdminister?: MayAdminister } = {}): AddToResourcePolicyResult {
    const { mayAdminister = (principal: string) => isOwn(this.scope, principal), ...from } = origin;
    checkValue(this.scope, 'statement', statement, {
      kind: 'instance', required: true, must: 'be a PolicyStatement', methods: ['toStatementJson'],
      fix: 'Use an iam.PolicyStatement, e.g. new iam.PolicyStatement({ principals: […], actions: [\'ecr:BatchGetImage\'] }).',
    });
    const json = this.readable(statement.toStatementJson());
    const broken = brokenForSure(json, each => brokenRule(each, mayAdminister));
    if (broken) reject(this.scope, { ...broken, ...from });
    if (possibleValues(json).values.some(each => isOpen(each as StatementJson))) this.acknowledgeWildcard();
    const { statementAdded } = this.repository.addToResourcePolicy(statement);
    // CDK returns the policy document here, but constructs cannot depend on it.
    return { statementAdded, policyDependable: this.repository };
  }

  /** Resolves the principals, because CDK writes accounts and services as tokens. Other tokens may not be resolvable yet. */
  private readable(json: StatementJson): StatementJson {
    return json.Principal === undefined ? json : { ...json, Principal: Stack.of(this.scope).resolve(json.Principal) };
  }

  /** Acknowledges a finding of cdk-nag, which ignores conditions and reports every wildcard as an open repository. */
  private acknowledgeWildcard(): void {
    Validations.of(this.resource).acknowledge({
      id: 'AwsSolutions-ECR1',
      reason: 'ImageRepository allows a wildcard only to pull, and only with a condition that is true for certain organizations or accounts.',
    });
  }

  private brokenRules(): Violation[] {
    const { repositoryPolicyText, cfnOptions: { condition } } = this.resource;
    const { policy, Condition } = Stack.of(this.scope).resolve({ policy: repositoryPolicyText, Condition: condition?.logicalId });
    const mayAdminister = this.administrators.orOwn();
    return [...brokenSomehow(this.scope, { policy, Condition }, statement => brokenRule(statement, mayAdminister)), brokenSize(policy)]
      .filter(broken => broken !== undefined);
  }
}

/**
 * The services that pull from one repository.
 *
 * Each service gets one statement. Its condition lists all resources that the service pulls for, including those that are added later.
 */
export class PullingServices {
  // Keyed by name, because an app can contain several copies of this package.
  private readonly services = new Map<string, { readonly principal: IPrincipal; readonly resources: Set<string> }>();

  constructor(private readonly scope: IConstruct) {}

  /** Returns the principal of a service, for these resources and all that are added later. */
  public principalOf(service: PullService, resources: string[]): IPrincipal {
    const name = this.nameOf(service._principal(this.scope, []));
    const known = this.services.get(name) ?? this.added(name, service);
    resources.forEach(resource => known.resources.add(resource));
    return known.principal;
  }

  /**
   * Returns the principal that replaces a service without a condition; `undefined` if the grantee is another principal.
   *
   * Constructs of CDK, for example `DockerImageCode.fromEcr`, grant permissions to services without a condition.
   */
  public narrowed(grantee: IGrantable, actions: string[]): IPrincipal | undefined {
    const principal = grantee.grantPrincipal;
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

  /** The resources that the grantee pulls for; `undefined` if it has a condition that the statement of the service cannot express. */
  private resourcesIn(service: PullService, { policyFragment: { conditions } }: ServicePrincipal): string[] | undefined {
    if (Object.keys(conditions).length === 0) return service._resources(this.scope, []);
    if (!service._listsResources) return undefined;
    const { StringLike: { [SOURCE_ARN]: resources, ...keys } = {}, ...operators } = conditions as { StringLike?: { [key: string]: string[] } };
    return resources !== undefined && Object.keys({ ...keys, ...operators }).length === 0 ? [resources].flat() : undefined;
  }
}
