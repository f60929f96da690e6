import { Stack, Validations } from 'aws-cdk-lib';
import { CfnRepository, Repository } from 'aws-cdk-lib/aws-ecr';
import { AddToResourcePolicyResult, IGrantable, IPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { AdministrationAccess, PullAccess, PushAccess } from './access';
import { checkAdministrationAccess, checkPullAccess, checkPushAccess } from './access-checks';
import { administrationStatements, pullStatements, pushStatements } from './access-statements';
import { Administrators, isOwn } from './administrators';
import { brokenSize } from './policy-size';
import { brokenForSure, brokenSomehow } from './possible-statements';
import { PullingServices } from './pulling-services';
import { brokenRule, isOpen, MayAdminister, StatementJson } from './statement-rules';
import { hasMethods } from '../../private/check-types';
import { PULL_ACTIONS } from '../../private/ecr-actions';
import { possibleValues } from '../../private/template/possible-values';
import { reject, sentence, Violation } from '../../private/validation';

const REASONS = 'cdk-container-delivery:administration';

const FIX = 'Make one, e.g. new iam.PolicyStatement({ principals: […], actions: [\'ecr:BatchGetImage\'] }).';

interface AccessProps {
  readonly pullFrom?: PullAccess;
  readonly pushFrom?: PushAccess;
}

/** The policy of one repository: every statement is checked when it is added, and all of them at the end of synthesis. */
export class RepositoryAccess {
  private readonly administrators: Administrators;
  private readonly services: PullingServices;
  private readonly resource: CfnRepository;

  constructor(private readonly scope: IConstruct, private readonly repository: Repository, { pullFrom, pushFrom }: AccessProps) {
    this.administrators = new Administrators(scope);
    this.services = new PullingServices(scope);
    this.resource = repository.node.defaultChild as CfnRepository;
    // Statements can be changed after they were added, and come by other ways.
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

  /** The service with a condition, in place of one that would pull without; `undefined` for everybody else. */
  public narrowed(grantee: IGrantable, actions: string[]): IPrincipal | undefined {
    return this.services.narrowed(grantee, actions);
  }

  public allowPushFrom(access: PushAccess): void {
    checkPushAccess(this.scope, access);
    for (const [property, statement] of pushStatements(access)) this.add(statement, { property });
  }

  public allowAdministration(access: AdministrationAccess): void {
    checkAdministrationAccess(this.scope, access);
    for (const [property, statement] of administrationStatements(access)) {
      this.add(statement, { property, mayAdminister: () => true });
      this.administrators.add(statement);
    }
    const reasons = this.resource.getMetadata(REASONS) ?? [];
    this.resource.addMetadata(REASONS, [...reasons, { actions: access.actions, reason: access.reason }]);
  }

  public add(statement: PolicyStatement, origin: { property?: string; mayAdminister?: MayAdminister } = {}): AddToResourcePolicyResult {
    const { mayAdminister = (principal: string) => isOwn(this.scope, principal), ...from } = origin;
    if (!hasMethods(statement, 'toStatementJson')) {
      reject(this.scope, { property: 'statement', must: 'be a PolicyStatement', got: statement, fix: FIX });
    }
    const json = this.readable(statement.toStatementJson());
    const broken = brokenForSure(json, each => brokenRule(each, mayAdminister));
    if (broken) reject(this.scope, { ...broken, ...from });
    if (possibleValues(json).values.some(each => isOpen(each as StatementJson))) this.acknowledgeWildcard();
    const { statementAdded } = this.repository.addToResourcePolicy(statement);
    // CDK names the document of the policy, and nothing can wait for that.
    return { statementAdded, policyDependable: this.repository };
  }

  /** The principals are resolved, because CDK hides accounts and services in tokens. What else is a token is not known yet. */
  private readable(json: StatementJson): StatementJson {
    return json.Principal === undefined ? json : { ...json, Principal: Stack.of(this.scope).resolve(json.Principal) };
  }

  /** cdk-nag knows no conditions: it takes every wildcard for an open repository. */
  private acknowledgeWildcard(): void {
    Validations.of(this.resource).acknowledge({
      id: 'AwsSolutions-ECR1',
      reason: 'ImageRepository lets a wildcard pull only, and only with a condition that holds for certain organizations or accounts.',
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
