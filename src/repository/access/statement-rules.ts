import { allowedBy, isPinned, Power, powerOf, textsOf } from './policy-terms';
import { UNKNOWN } from '../../private/template/intrinsics';
import { Violation } from '../../private/validation';

/** A statement of a policy in which intrinsic functions are evaluated. `UNKNOWN` replaces values that are only known at deployment. */
export interface StatementJson {
  readonly Sid?: unknown;
  readonly Effect?: unknown;
  readonly Action?: unknown;
  readonly NotAction?: unknown;
  readonly Principal?: unknown;
  readonly NotPrincipal?: unknown;
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
  readonly Condition?: unknown;
}

/** Whether a principal is allowed other actions than pulling and pushing. */
export type MayAdminister = (principal: string, action: string) => boolean;

const BY_INTENT = 'Use pullFrom and pushFrom, or use the actions for repositories in '
  + 'https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html.';

/** The first rule that a statement of a repository policy breaks, if any. */
export function brokenRule(statement: StatementJson, mayAdminister: MayAdminister): Violation | undefined {
  const broken = brokenForm(statement) ?? (statement.Effect === 'Deny' ? undefined : brokenTrust(statement, mayAdminister));
  return broken && { property: nameOf(statement), ...broken };
}

/** Whether everyone is allowed something, with or without a condition. */
export function isOpen(statement: StatementJson): boolean {
  return statement.Effect !== 'Deny' && (statement.NotPrincipal !== undefined || principalsOf(statement).includes('*'));
}

/** The Sid, or a summary of the statement. */
function nameOf(statement: StatementJson): string {
  const [sid = UNKNOWN] = textsOf(statement.Sid);
  const actions = statement.NotAction === undefined ? actionsOf(statement) : [`all but ${textsOf(statement.NotAction)}`];
  const principals = statement.NotPrincipal === undefined ? principalsOf(statement) : ['all but some'];
  return sid === UNKNOWN ? `statement (${textsOf(statement.Effect)} ${shown(actions)} to ${shown(principals)})` : `statement ${sid}`;
}

function shown(texts: string[]): string {
  return texts.length > 3 ? `${texts.slice(0, 3).join(', ')} and ${texts.length - 3} more` : texts.join(', ') || 'no principal';
}

type Broken = Omit<Violation, 'property'>;

/** Rejects statements for which ECR rejects the policy, and statements without effect. */
function brokenForm(statement: StatementJson): Broken | undefined {
  const resource = statement.Resource ?? statement.NotResource;
  if (resource !== undefined) {
    return {
      must: 'have no resource, because the policy is attached to one repository', got: textsOf(resource), fix: 'Leave resources out.',
    };
  }
  if (statement.Principal === undefined && statement.NotPrincipal === undefined) {
    return { must: 'have a principal', got: undefined, fix: 'Add a principal, e.g. principals: [new iam.AccountPrincipal(\'111122223333\')].' };
  }
  const actions = [...actionsOf(statement), ...textsOf(statement.NotAction)];
  if (actions.length === 0) {
    return { must: 'have an action', got: undefined, fix: BY_INTENT };
  }
  const foreign = actions.find(action => !action.includes(UNKNOWN) && powerOf(action) === undefined);
  return foreign === undefined ? undefined : { must: 'have actions that ECR supports for a repository', got: foreign, fix: fixForUnknown(foreign) };
}

function fixForUnknown(action: string): string {
  const other = allowedBy(action);
  if (other !== undefined) return `ECR has no such action. Write ${other}, which allows the operation.`;
  return action.toLowerCase() === 'ecr:getauthorizationtoken'
    ? 'Remove it. Only the policy of a role can allow the login.'
    : BY_INTENT;
}

function brokenTrust(statement: StatementJson, mayAdminister: MayAdminister): Broken | undefined {
  const principals = principalsOf(statement);
  const partial = principals.find(principal => principal !== '*' && /[*?]/.test(principal));
  if (partial !== undefined) {
    return {
      must: 'have complete principals, because IAM does not support wildcards in a part of a principal', got: partial,
      fix: 'List each principal, or use an account with the condition ArnLike on aws:PrincipalArn.',
    };
  }
  return isOpen(statement) ? brokenOpenness(statement)
    : brokenAdministration(statement, principals, mayAdminister) ?? brokenService(statement);
}

/** Rejects services that may change the repository without a condition, because a service acts for any caller. CDK grants pulls without one. */
function brokenService(statement: StatementJson): Broken | undefined {
  const { Principal: principal } = statement;
  const services = typeof principal === 'object' && principal !== null && 'Service' in principal ? textsOf(principal.Service) : [];
  const writing = firstAction(statement, action => powerOf(action) !== Power.PULL);
  if (services.length === 0 || writing === undefined || isPinned(statement.Condition)) return undefined;
  return {
    must: `have a condition on aws:SourceAccount or aws:SourceArn, because ${services[0]} acts for all AWS accounts`, got: writing,
    fix: 'Add the condition, or name the role that the service uses.',
  };
}

function brokenOpenness(statement: StatementJson): Broken | undefined {
  const writing = firstAction(statement, action => powerOf(action) !== Power.PULL);
  if (writing !== undefined) {
    return {
      must: 'list its principals, because a wildcard can only be allowed to pull, even with a condition', got: writing,
      fix: 'List the accounts or roles, e.g. pushFrom: { accounts: [\'111122223333\'] }.',
    };
  }
  return isPinned(statement.Condition) ? undefined : {
    must: 'have a condition that is true for certain organizations or accounts only, because its principal is a wildcard', got: '*',
    fix: 'Use pullFrom: { organizations: [\'o-a1b2c3d4e5\'] }, or list the principals.',
  };
}

function brokenAdministration(statement: StatementJson, principals: string[], mayAdminister: MayAdminister): Broken | undefined {
  for (const principal of principals) {
    const action = firstAction(statement, each => powerOf(each) === Power.ADMINISTER && !mayAdminister(principal, each));
    if (action !== undefined) {
      return {
        must: `allow administration of the repository only to its own account, not to ${principal}`, got: action,
        fix: 'Remove the action, or give a reason: repository.allowAdministration({ principals, actions, reason }). If this is the account of the repository, give the stack an env.',
      };
    }
  }
  return undefined;
}

/** The first action that passes the test. `NotAction` counts as all actions. */
function firstAction(statement: StatementJson, test: (action: string) => boolean): string | undefined {
  const actions = statement.NotAction === undefined ? actionsOf(statement) : ['*'];
  return actions.filter(action => !action.includes(UNKNOWN)).find(test);
}

function actionsOf(statement: StatementJson): string[] {
  return textsOf(statement.Action);
}

/** All principals, of any kind: `AWS`, `Service`, `Federated`. */
export function principalsOf({ Principal: principal }: StatementJson): string[] {
  return typeof principal === 'object' && principal !== null ? Object.values(principal).flatMap(textsOf) : textsOf(principal);
}
