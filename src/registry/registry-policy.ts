import { Stack, Token } from 'aws-cdk-lib';
import { CfnRegistryPolicy } from 'aws-cdk-lib/aws-ecr';
import { AccountPrincipal, ArnPrincipal, IPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { checkCachePrefix, checkUnique, repositoriesArn, repositoriesUnder, REPOSITORY_PREFIXES } from './registry-rules';
import { ACCOUNT } from '../private/rules';
import { checkValue, InstanceRule, Shape } from '../private/shape';
import { reject, sentence, Violation } from '../private/validation';
import { isPinned } from '../repository/access/policy-terms';
import { brokenForSure, brokenSomehow } from '../repository/access/possible-statements';
import { isOpen, principalsOf, StatementJson } from '../repository/access/statement-rules';

const FIX = 'Name the accounts or roles, or use new iam.OrganizationPrincipal("o-…").';

/** Options of `RegistryPolicy.allowReplicationFrom`. */
export interface AllowReplicationFromOptions {
  /**
   * Prefixes of the names of the repositories, without `*`.
   *
   * @default - all repositories
   */
  readonly repositoryPrefixes?: string[];
}

export const ALLOW_REPLICATION = new Shape<AllowReplicationFromOptions>('Write an object such as { repositoryPrefixes: ["prod/"] }, or leave it out.', {
  repositoryPrefixes: REPOSITORY_PREFIXES,
}, { repositoryFilters: 'Write `repositoryPrefixes`.', prefix: 'Write `repositoryPrefixes`, a list.' });

/** A value that must be a part of the registry policy. */
export const REGISTRY_POLICY: InstanceRule = {
  kind: 'instance', must: 'be a RegistryPolicy', methods: ['_statements'], fix: 'Call the factory, e.g. RegistryPolicy.allowReplicationFrom(["111122223333"]).',
};

/**
 * Permissions for the whole registry.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
 */
export class RegistryPolicy {
  /**
   * Allow other accounts to replicate their images to this registry, and to create repositories for them.
   *
   * Creating the settings throws if an account or prefix is malformed or repeated, and if the list of prefixes is a token.
   *
   * @param accounts the account IDs
   * @param options which repositories
   */
  public static allowReplicationFrom(accounts: string[], options: AllowReplicationFromOptions = {}): RegistryPolicy {
    return new RegistryPolicy(scope => {
      const principals = accountPrincipals(scope, accounts);
      ALLOW_REPLICATION.check(scope, 'policy', options);
      const { repositoryPrefixes = [''] } = options;
      checkUnique(scope, 'policy.repositoryPrefixes', repositoryPrefixes);
      return [new PolicyStatement({
        principals,
        actions: ['ecr:CreateRepository', 'ecr:ReplicateImage'],
        resources: repositoryPrefixes.map(each => repositoriesArn(scope, `${each}*`)),
      })];
    });
  }

  /**
   * Allow principals to pull images through a cache of this registry for the first time. That stores the image and creates its
   * repository. With the prefix `ROOT`, they can create any repository.
   *
   * Creating the settings throws if the prefix is malformed, without principals, and if one of them is a wildcard (`*`), unless a
   * condition names the organization or the accounts.
   *
   * @param prefix the prefix of the cache, e.g. `docker-hub`
   * @param principals the principals
   */
  public static allowPullThroughCache(prefix: string, principals: IPrincipal[]): RegistryPolicy {
    return new RegistryPolicy(scope => {
      checkCachePrefix(scope, 'policy.prefix', prefix);
      checkPrincipals(scope, 'policy.principals', principals);
      const resources = [repositoriesArn(scope, repositoriesUnder(prefix))];
      // One statement per principal, because each principal can have a condition.
      return principals.map(each => new PolicyStatement({
        principals: [each], actions: ['ecr:BatchImportUpstreamImage', 'ecr:CreateRepository'], resources,
      }));
    });
  }

  private constructor(private readonly statements: (scope: Construct) => PolicyStatement[]) {}

  /** @internal */
  public _statements(scope: Construct): PolicyStatement[] {
    return this.statements(scope);
  }
}

function accountPrincipals(scope: Construct, accounts: string[]): IPrincipal[] {
  checkValue(scope, 'policy.accounts', accounts, { kind: 'list', required: true, min: 1, of: ACCOUNT, fix: 'Write it like ["111122223333"].' });
  // IAM accepts account IDs and ARNs, so a token list can be a list of ARNs.
  if (Token.isUnresolved(accounts)) return [new ArnPrincipal(accounts[0])];
  checkUnique(scope, 'policy.accounts', accounts);
  return accounts.map(each => new AccountPrincipal(each));
}

/** Creates the policy of a registry. */
export function createPolicy(scope: Construct, policy: RegistryPolicy[]): void {
  const statements = policy.flatMap(each => each._statements(scope));
  const document = new PolicyDocument({ statements });
  new CfnRegistryPolicy(scope, 'Policy', { policyText: document });
  // A token can resolve to a wildcard.
  scope.node.addValidation({
    validate: () => brokenSomehow(scope, { policy: Stack.of(scope).resolve(document) }, each => brokenTrust('policy.principals', each)).map(sentence),
  });
}

/** Checks that there is a principal, and that none is a wildcard without a condition. */
function checkPrincipals(scope: IConstruct, property: string, value: IPrincipal[]): void {
  checkValue(scope, property, value, {
    kind: 'list', required: true, min: 1, of: { kind: 'instance', must: 'be an IAM principal', properties: ['policyFragment'], fix: FIX }, fix: FIX,
  });
  for (const each of value) checkPrincipal(scope, property, each);
}

function checkPrincipal(scope: IConstruct, property: string, { policyFragment }: IPrincipal): void {
  const { principalJson, conditions } = policyFragment;
  // CDK hides accounts and services in tokens.
  const statement = { Effect: 'Allow', Principal: Stack.of(scope).resolve(principalJson), Condition: conditions };
  const broken = brokenForSure(statement, made => brokenTrust(property, made));
  if (broken !== undefined) reject(scope, broken);
}

/** Finds principals that must not get permissions for a registry: wildcards, and names with a wildcard. */
function brokenTrust(property: string, statement: StatementJson): Violation | undefined {
  if (isOpen(statement) && !isPinned(statement.Condition)) {
    return { property, must: 'not be everybody, unless a condition names the organization or the accounts', got: '*', fix: FIX };
  }
  const partial = principalsOf(statement).find(principal => principal !== '*' && /[*?]/.test(principal));
  return partial === undefined ? undefined : { property, must: 'be complete principals, because IAM does not support wildcards in a part of a principal', got: partial, fix: FIX };
}
