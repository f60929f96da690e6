import { Aws, Stack, Token } from 'aws-cdk-lib';
import { IPrincipal, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { checkList, checkObject, hasMethods, isObject } from '../../private/check-types';
import { isKnown } from '../../private/lookups';
import { functionArns, LAMBDA_SERVICE, PULL_ACTIONS, SOURCE_ARN } from '../../private/permissions';
import { checkPattern, reject } from '../../private/validation';

const NO_OTHERS = 'Name the accounts or roles that push, e.g. pushFrom: { accounts: [\'111122223333\'] }.';

/**
 * Who may pull from a repository. Each list adds somebody, and pulling is all that they get.
 *
 * Roles of other accounts need the permission in their own account too; the repository allows it from its side.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
 */
export interface PullAccess {
  /**
   * Accounts, 12 digits each. Every role and user in them that its own account allows to pull.
   *
   * @default - no further accounts
   */
  readonly accounts?: string[];

  /**
   * Organizations, such as `o-a1b2c3d4e5`: every account in them.
   *
   * @default - no organizations
   */
  readonly organizations?: string[];

  /**
   * Organizational units by their whole path, such as `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`: every account in them and in the
   * units below. A path that is only known at deployment has no `/` at its end; those of a list that is only known then end with `/*`.
   *
   * @default - no organizational units
   * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgpaths
   */
  readonly organizationalUnits?: string[];

  /**
   * Services of AWS that pull by themselves, for resources of the repository's account and, where the service can, of `accounts`.
   *
   * Tasks of ECS and pods of EKS pull by a role: they need no service here.
   *
   * @default - no services
   */
  readonly services?: PullService[];

  /**
   * Roles, users and other principals of IAM.
   *
   * @default - no further principals
   */
  readonly principals?: IPrincipal[];
}

/**
 * Who may push into a repository, one by one.
 *
 * There are no organizations here: whoever pushes decides what runs, and a statement for an organization is one for everybody with a
 * condition, so that one mistake in the condition would let strangers in. They get what `docker push` takes, and nothing that deletes
 * images or changes the repository; who pulls too is named in `pullFrom` too.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-push-iam.html
 */
export interface PushAccess {
  /**
   * Accounts, 12 digits each. Every role and user in them that its own account allows to push.
   *
   * @default - no accounts
   */
  readonly accounts?: string[];

  /**
   * Roles, users and other principals of IAM.
   *
   * @default - no principals
   */
  readonly principals?: IPrincipal[];
}

/** Who may do what is neither pulling nor pushing, and why. */
export interface AdministrationAccess {
  /** Roles, users, accounts; never everybody. */
  readonly principals: IPrincipal[];

  /** What they may do, such as `ecr:PutLifecyclePolicy`. */
  readonly actions: string[];

  /** Why, as a sentence for whoever reads the template: it stands in the metadata of the repository. 20 characters at least. */
  readonly reason: string;
}

/** Who may pull. */
export function checkPullAccess(scope: IConstruct, access: unknown): void {
  const property = 'pullFrom';
  checkObject(scope, property, access, 'Say who, e.g. pullFrom: { accounts: [\'111122223333\'] }.');
  checkNames(scope, property, access, ['accounts', 'organizations', 'organizationalUnits', 'services', 'principals']);
  const { accounts, organizations, organizationalUnits, services, principals } = access as { [list: string]: unknown };
  checkAccounts(scope, `${property}.accounts`, accounts);
  checkTexts(scope, `${property}.organizations`, organizations, {
    pattern: /^o-[a-z0-9]{10,32}$/, must: 'be "o-" and 10 to 32 lower-case letters and digits', fix: 'Copy it from AWS Organizations, e.g. "o-a1b2c3d4e5".',
  });
  checkTexts(scope, `${property}.organizationalUnits`, organizationalUnits, {
    pattern: /^o-[a-z0-9]{10,32}\/r-[a-z0-9]{4,32}(?:\/ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})+(?:\/\*?)?$/,
    must: 'be the whole path of an organizational unit: organization, root, units',
    fix: 'Write it like "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/".',
  });
  checkEach(scope, `${property}.services`, services, {
    test: value => hasMethods(value, '_statement'), must: 'be a PullService', fix: 'Use PullService.AWS_LAMBDA or PullService.AWS_CODE_BUILD.',
  });
  if (services !== undefined && Token.isUnresolved(accounts)) {
    reject(scope, {
      property: `${property}.accounts`, must: 'be a list of known length when services pull too', got: 'a token',
      fix: 'Pick the accounts out of the list, e.g. accounts: [Fn.select(0, list)].',
    });
  }
  checkPrincipals(scope, `${property}.principals`, principals);
}

/** Who may push. */
export function checkPushAccess(scope: IConstruct, access: unknown): void {
  const property = 'pushFrom';
  checkObject(scope, property, access, NO_OTHERS);
  const { accounts, principals, ...others } = access as { [list: string]: unknown };
  const open = ['organizations', 'organizationalUnits', 'services'].find(name => name in others);
  if (open !== undefined) {
    reject(scope, {
      property: `${property}.${open}`, must: 'be left out, because a wildcard, and so an organization, is for pulling alone', got: others[open],
      fix: NO_OTHERS,
    });
  }
  checkNames(scope, property, access, ['accounts', 'principals']);
  checkAccounts(scope, `${property}.accounts`, accounts);
  checkPrincipals(scope, `${property}.principals`, principals);
}

/** Who may administer, and why. */
export function checkAdministrationAccess(scope: IConstruct, access: unknown): void {
  const property = 'administration';
  checkObject(scope, property, access, 'Give { principals, actions, reason }.');
  checkNames(scope, property, access, ['principals', 'actions', 'reason']);
  const { principals = null, actions = null, reason } = access as { [name: string]: unknown };
  for (const [name, list] of Object.entries({ principals, actions })) {
    if (Array.isArray(list) && list.length === 0) {
      reject(scope, { property: `${property}.${name}`, must: 'name at least one', got: list, fix: 'Leave out the call when nobody is meant.' });
    }
  }
  checkPrincipals(scope, `${property}.principals`, principals);
  checkTexts(scope, `${property}.actions`, actions, { pattern: /^ecr:/i, must: 'be actions of ECR', fix: 'Name each, e.g. "ecr:PutLifecyclePolicy".' });
  checkPattern(scope, {
    property: `${property}.reason`, value: reason as string, pattern: /\S[^]{18,}\S/, must: 'say why in 20 characters or more',
    fix: 'Write a sentence for whoever reads the template.',
  });
}

/** A misspelt list would let nobody in, and say nothing. */
function checkNames(scope: IConstruct, property: string, access: unknown, names: string[]): void {
  const other = Object.keys(access as object).find(name => !names.includes(name));
  if (other !== undefined) {
    reject(scope, { property: `${property}.${other}`, must: `be one of ${names.join(', ')}`, got: other, fix: 'Check the spelling.' });
  }
}

function checkAccounts(scope: IConstruct, property: string, value: unknown): void {
  checkTexts(scope, property, value, { pattern: /^\d{12}$/, must: 'be 12 digits', fix: 'Write each account as a text, e.g. "111122223333".' });
}

function checkTexts(scope: IConstruct, property: string, value: unknown, rule: { pattern: RegExp; must: string; fix: string }): void {
  const { pattern, ...told } = rule;
  if (Array.isArray(value) && Token.isUnresolved(value)) return;
  checkEach(scope, property, value, { ...told, test: each => !isKnown(each) || (typeof each === 'string' && pattern.test(each)) });
}

function checkPrincipals(scope: IConstruct, property: string, value: unknown): void {
  checkEach(scope, property, value, {
    // The getter of a principal may compute, so it is not called here.
    test: each => isObject(each) && 'policyFragment' in each && hasMethods(each, 'addToPolicy'),
    must: 'be principals of IAM',
    fix: 'Give a role, or make one, e.g. new iam.ArnPrincipal(\'arn:aws:iam::111122223333:role/builder\').',
  });
}

/** A list may be left out, and each of its members has to pass. */
function checkEach(
  scope: IConstruct, property: string, value: unknown, rule: { test: (each: unknown) => boolean; must: string; fix: string },
): void {
  const { test, must, fix } = rule;
  if (value === undefined) return;
  checkList(scope, property, value, fix);
  // Not `find`: it skips the holes of a list.
  for (const got of value) {
    if (!test(got)) reject(scope, { property, must, got, fix });
  }
}

/**
 * An AWS service that pulls images itself, without a role of yours.
 *
 * The permission has a condition on the resource for which the service pulls. Without the condition, the owner of any AWS account could
 * have the service pull for them.
 *
 * `repository.grantPull(new iam.ServicePrincipal('lambda.amazonaws.com'))`, which many constructs of CDK call, gives the same permission
 * with the same condition, for the account of the repository.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
 */
export class PullService {
  /**
   * Lambda, for functions in the region of the repository: of its account and of the `accounts` beside it.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#configuration-images-xaccount-permissions
   */
  public static readonly AWS_LAMBDA = new PullService(LAMBDA_SERVICE, {
    resources: (scope, accounts) => [functionArns(scope), ...accounts.map(account => functionArns(scope, account))],
    conditions: (_, resources) => ({ StringLike: { [SOURCE_ARN]: resources } }),
  });

  /**
   * CodeBuild with its own credentials, for projects of the repository's account.
   *
   * A project of another account pulls by its service role: that account under `accounts` is enough.
   *
   * @see https://docs.aws.amazon.com/codebuild/latest/userguide/sample-ecr.html
   */
  public static readonly AWS_CODE_BUILD = new PullService('codebuild.amazonaws.com', {
    resources: scope => [projectArns(scope)],
    conditions: scope => ({ StringEquals: { 'aws:SourceAccount': Stack.of(scope).account }, StringLike: { [SOURCE_ARN]: projectArns(scope) } }),
  });

  /**
   * The services that are known here.
   *
   * @internal
   */
  public static readonly _ALL: readonly PullService[] = [PullService.AWS_LAMBDA, PullService.AWS_CODE_BUILD];

  private constructor(private readonly name: string, private readonly pulls: Pulls) {}

  /**
   * The ARNs of what the service pulls for.
   *
   * @internal
   */
  public _resources(scope: IConstruct, accounts: string[]): string[] {
    return this.pulls.resources(scope, accounts);
  }

  /**
   * The service, for certain resources only.
   *
   * @internal
   */
  public _principal(scope: IConstruct, resources: string[]): ServicePrincipal {
    return new ServicePrincipal(this.name, { conditions: this.pulls.conditions(scope, resources) });
  }

  /** @internal */
  public _statement(scope: IConstruct, accounts: string[]): PolicyStatement {
    const resources = [...new Set(this._resources(scope, accounts))];
    return new PolicyStatement({ principals: [this._principal(scope, resources)], actions: PULL_ACTIONS });
  }
}

/** For what a service pulls. */
interface Pulls {
  readonly resources: (scope: IConstruct, accounts: string[]) => string[];
  readonly conditions: (scope: IConstruct, resources: string[]) => { [operator: string]: { [key: string]: string | string[] } };
}

function projectArns(scope: IConstruct): string {
  return `arn:${Aws.PARTITION}:codebuild:*:${Stack.of(scope).account}:project/*`;
}
