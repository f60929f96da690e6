import { Aws, Stack, Token } from 'aws-cdk-lib';
import { IPrincipal, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { functionArns, LAMBDA_SERVICE, PULL_ACTIONS, SOURCE_ARN } from '../../private/permissions';
import { ACCOUNT, PRINCIPAL } from '../../private/rules';
import { Shape } from '../../private/shape';
import { reject } from '../../private/validation';

/**
 * The accounts, organizations, services and principals that may pull from a repository. They get no other permissions.
 *
 * A role of another account also needs the permission in its own account.
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
   * Organizational units by their full path, such as `o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/`: every account in them and in the
   * units below. A token must not end with `/`. The items of a token list must end with `/*`.
   *
   * @default - no organizational units
   * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalorgpaths
   */
  readonly organizationalUnits?: string[];

  /**
   * AWS services that pull without one of your roles, for resources in the account of the repository. Lambda also pulls for `accounts`.
   *
   * ECS tasks and EKS pods pull with a role and need no service here.
   *
   * @default - no services
   */
  readonly services?: PullService[];

  /**
   * Roles, users and other IAM principals.
   *
   * @default - no further principals
   */
  readonly principals?: IPrincipal[];
}

const PUSH_FIX = 'List the accounts or roles that push, e.g. pushFrom: { accounts: [\'111122223333\'] }.';

const ACCOUNTS = { kind: 'list', of: ACCOUNT, fix: 'Write accounts: [\'111122223333\'].' } as const;
const PRINCIPALS = { kind: 'list', of: PRINCIPAL, fix: 'Write principals: [role].' } as const;

const COMMON_REPLACEMENTS = {
  account: 'Write `accounts`, a list.', accountIds: 'Write `accounts`.', principal: 'Write `principals`, a list.', arns: 'Write `principals: [new iam.ArnPrincipal(…)]`.',
  roles: 'Write `principals: [role]`.', role: 'Write `principals: [role]`.', users: 'Write `principals: [user]`.', grantees: 'Write `principals`.',
};

export const PULL_ACCESS = new Shape<PullAccess>('Write an object such as { accounts: [\'111122223333\'] }.', {
  accounts: ACCOUNTS,
  organizations: {
    kind: 'list', fix: 'Write organizations: [\'o-a1b2c3d4e5\'].', of: {
      kind: 'text', pattern: /^o-[a-z0-9]{10,32}$/, must: 'be "o-" and 10 to 32 lower-case letters and digits', fix: 'Copy it from AWS Organizations, e.g. "o-a1b2c3d4e5".',
    },
  },
  organizationalUnits: {
    kind: 'list', fix: 'Write organizationalUnits: [\'o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/\'].', of: {
      kind: 'text', pattern: /^o-[a-z0-9]{10,32}\/r-[a-z0-9]{4,32}(?:\/ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})*(?:\/\*?)?$/,
      must: 'be the full path of an organizational unit: organization, root, units', fix: 'Write it like "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/".',
    },
  },
  services: {
    kind: 'list', fix: 'Write services: [PullService.AWS_LAMBDA].',
    of: { kind: 'instance', must: 'be a PullService', methods: ['_statement'], fix: 'Use PullService.AWS_LAMBDA or PullService.AWS_CODE_BUILD.' },
  },
  principals: PRINCIPALS,
}, {
  ...COMMON_REPLACEMENTS, organization: 'Write `organizations`, a list.', organizationalUnit: 'Write `organizationalUnits`, a list.', service: 'Write `services`, a list.',
});

/**
 * The accounts and principals that may push into a repository.
 *
 * They get the permissions that `docker push` needs. They cannot delete images or change the repository. To let them pull too, name them in
 * `pullFrom`.
 *
 * Organizations are not supported. A statement for an organization allows everyone under a condition, so one mistake in the condition
 * would let anyone push the images that you run.
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
   * Roles, users and other IAM principals.
   *
   * @default - no principals
   */
  readonly principals?: IPrincipal[];
}

export const PUSH_ACCESS = new Shape<PushAccess>(PUSH_FIX, { accounts: ACCOUNTS, principals: PRINCIPALS }, {
  ...COMMON_REPLACEMENTS,
  ...Object.fromEntries(['organization', 'organizations', 'organizationalUnit', 'organizationalUnits'].map(name => [
    name, `Only \`pullFrom\` has organizations, because their statements need a wildcard. ${PUSH_FIX}`,
  ])),
  service: `Only \`pullFrom\` has services. ${PUSH_FIX}`,
  services: `Only \`pullFrom\` has services. ${PUSH_FIX}`,
});

/** The principals that may do more than pull and push, with the reason. */
export interface AdministrationAccess {
  /** Roles, users or accounts. A wildcard throws. */
  readonly principals: IPrincipal[];

  /** The actions, such as `ecr:PutLifecyclePolicy`. */
  readonly actions: string[];

  /** The reason, as a sentence of at least 20 characters. It is written to the metadata of the repository. */
  readonly reason: string;
}

export const ADMINISTRATION_ACCESS = new Shape<AdministrationAccess>('Write { principals, actions, reason }.', {
  principals: { ...PRINCIPALS, required: true, min: 1 },
  actions: {
    kind: 'list', required: true, min: 1, fix: 'Write actions: [\'ecr:PutLifecyclePolicy\'].',
    of: { kind: 'text', pattern: /^ecr:/i, must: 'be an action of ECR', fix: 'List each action, e.g. "ecr:PutLifecyclePolicy".' },
  },
  reason: {
    kind: 'text', required: true, pattern: /\S[^]{18,}\S/, must: 'be a reason of at least 20 characters', fix: 'Write a sentence for readers of the template.',
  },
}, { action: 'Write `actions`, a list.', principal: 'Write `principals`, a list.', grantee: 'Write `principals: [role]`.', accounts: 'Write `principals: [new iam.AccountPrincipal(…)]`.' });

/** Checks a `PullAccess`, including rules that the table cannot express. */
export function checkPullAccess(scope: IConstruct, access: PullAccess): void {
  PULL_ACCESS.check(scope, 'pullFrom', access);
  if (access.services !== undefined && Token.isUnresolved(access.accounts)) {
    reject(scope, {
      property: 'pullFrom.accounts', must: 'be a list of known length when services pull too', got: 'a token',
      fix: 'Select the accounts from the list, e.g. accounts: [Fn.select(0, list)].',
    });
  }
}

/**
 * An AWS service that pulls images without one of your roles.
 *
 * The permission has a condition on the resource for which the service pulls. Without the condition, the owner of any AWS account could
 * make the service pull for them.
 *
 * `repository.grantPull(new iam.ServicePrincipal('lambda.amazonaws.com'))`, which many CDK constructs call, adds the same permission
 * with the same condition, for the account of the repository.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
 */
export class PullService {
  /**
   * Lambda, for functions in the region of the repository, in its account and in `accounts`.
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
   * A project of another account pulls with its service role. For that, name the account in `accounts`.
   *
   * @see https://docs.aws.amazon.com/codebuild/latest/userguide/sample-ecr.html
   */
  public static readonly AWS_CODE_BUILD = new PullService('codebuild.amazonaws.com', {
    conditions: scope => ({ StringEquals: { 'aws:SourceAccount': Stack.of(scope).account }, StringLike: { [SOURCE_ARN]: projectArns(scope) } }),
  });

  /**
   * All services.
   *
   * @internal
   */
  public static readonly _ALL: readonly PullService[] = [PullService.AWS_LAMBDA, PullService.AWS_CODE_BUILD];

  private constructor(private readonly name: string, private readonly pulls: Pulls) {}

  /**
   * Whether more resources can be added to the condition.
   *
   * @internal
   */
  public get _listsResources(): boolean {
    return this.pulls.resources !== undefined;
  }

  /**
   * ARNs of the resources in the condition, if it lists them.
   *
   * @internal
   */
  public _resources(scope: IConstruct, accounts: string[]): string[] {
    return this.pulls.resources?.(scope, accounts) ?? [];
  }

  /**
   * The service principal, for certain resources only.
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

/** The resources that a service pulls for. */
interface Pulls {
  /** @default - the condition is always the same */
  readonly resources?: (scope: IConstruct, accounts: string[]) => string[];
  readonly conditions: (scope: IConstruct, resources: string[]) => { [operator: string]: { [key: string]: string | string[] } };
}

function projectArns(scope: IConstruct): string {
  return `arn:${Aws.PARTITION}:codebuild:*:${Stack.of(scope).account}:project/*`;
}
