import { Stack } from 'aws-cdk-lib';
import { CfnRegistryPolicy } from 'aws-cdk-lib/aws-ecr';
import { AccountPrincipal, ArnPrincipal, IPrincipal, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import {
  ACCOUNT, checkCachePrefix, checkPrefixes, checkSettings, checkTexts, isTokenList, repositoriesArn, repositoriesUnder,
} from './registry-rules';
import { checkList, checkObject, isObject } from '../private/check-types';
import { reject, sentence, Violation } from '../private/validation';
import { isPinned } from '../repository/access/policy-terms';
import { brokenForSure, brokenSomehow } from '../repository/access/possible-statements';
import { isOpen, principalsOf, StatementJson } from '../repository/access/statement-rules';

const FIX = 'Name the accounts or roles, or use new iam.OrganizationPrincipal("o-…").';

/** What another account may replicate to this registry. */
export interface AllowReplicationOptions {
  /**
   * What the names of the repositories begin with; without `*`.
   *
   * @default - all repositories
   */
  readonly repositoryPrefixes?: string[];
}

/**
 * Who may do what in the whole registry.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-permissions.html
 */
export class RegistryPolicy {
  /**
   * Other accounts may replicate their images to this registry, and create repositories for them.
   *
   * Creating the settings throws when an account or prefix is malformed or twice there, and when the list of prefixes is only known at
   * deployment.
   *
   * @param accounts numbers of the accounts
   * @param options which repositories
   */
  public static allowReplicationFrom(accounts: string[], options: AllowReplicationOptions = {}): RegistryPolicy {
    return new RegistryPolicy(scope => {
      const principals = accountPrincipals(scope, accounts);
      checkObject(scope, 'policy.options', options);
      const { repositoryPrefixes = [''] } = options;
      checkPrefixes(scope, 'policy.repositoryPrefixes', options.repositoryPrefixes, Infinity);
      return [new PolicyStatement({
        principals,
        actions: ['ecr:CreateRepository', 'ecr:ReplicateImage'],
        resources: repositoryPrefixes.map(each => repositoriesArn(scope, `${each}*`)),
      })];
    });
  }

  /**
   * Some principals may pull images through a cache of this registry for the first time, which brings the image and creates its
   * repository. With the prefix `ROOT`, they may create any repository.
   *
   * Creating the settings throws when the prefix is malformed, without principals, and when one of them is everybody (`*`), unless a
   * condition names the organization or the accounts.
   *
   * @param prefix the prefix of the cache, e.g. `docker-hub`
   * @param principals who may
   */
  public static allowPullThroughCache(prefix: string, principals: IPrincipal[]): RegistryPolicy {
    return new RegistryPolicy(scope => {
      checkCachePrefix(scope, 'policy.prefix', prefix);
      checkPrincipals(scope, 'policy.principals', principals);
      const resources = [repositoriesArn(scope, repositoriesUnder(prefix))];
      // One each, because each may have a condition of its own.
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
  // A list that is only known at deployment is as good as the ARNs of its accounts: IAM takes both.
  if (isTokenList(accounts)) return [new ArnPrincipal(accounts[0])];
  checkTexts(scope, {
    property: 'policy.accounts', value: accounts, pattern: ACCOUNT, must: 'be accounts of 12 digits', example: '["111122223333"]',
  });
  return accounts.map(each => new AccountPrincipal(each));
}

/** The policy of a registry. */
export function createPolicy(scope: Construct, policy: RegistryPolicy[]): void {
  checkSettings(scope, {
    property: 'policy', value: policy, be: 'RegistryPolicy', method: '_statements', example: 'RegistryPolicy.allowReplicationFrom(["111122223333"])',
  });
  const statements = policy.flatMap(each => each._statements(scope));
  const document = new PolicyDocument({ statements });
  new CfnRegistryPolicy(scope, 'Policy', { policyText: document });
  // Who is only known later may turn out to be everybody.
  scope.node.addValidation({
    validate: () => brokenSomehow(scope, { policy: Stack.of(scope).resolve(document) }, each => brokenTrust('policy.principals', each)).map(sentence),
  });
}

/** One or more principals, of which none is everybody. */
export function checkPrincipals(scope: IConstruct, property: string, value: unknown): asserts value is IPrincipal[] {
  checkList(scope, property, value, FIX);
  if (value.length === 0) reject(scope, { property, must: 'have at least one item', got: value, fix: FIX });
  for (const each of Array.from(value)) checkPrincipal(scope, property, each);
}

function checkPrincipal(scope: IConstruct, property: string, value: unknown): void {
  if (!isObject(value) || !isObject(value.policyFragment)) {
    reject(scope, { property, must: 'have nothing but principals in it', got: value, fix: FIX });
  }
  const { principalJson, conditions } = (value as unknown as IPrincipal).policyFragment;
  // CDK hides accounts and services in tokens.
  const statement = { Effect: 'Allow', Principal: Stack.of(scope).resolve(principalJson), Condition: conditions };
  const broken = brokenForSure(statement, made => brokenTrust(property, made));
  if (broken !== undefined) reject(scope, broken);
}

/** Who may not be trusted with a registry: everybody, and whoever is named with a wildcard. */
export function brokenTrust(property: string, statement: StatementJson): Violation | undefined {
  if (isOpen(statement) && !isPinned(statement.Condition)) {
    return { property, must: 'not be everybody, unless a condition names the organization or the accounts', got: '*', fix: FIX };
  }
  const partial = principalsOf(statement).find(principal => principal !== '*' && /[*?]/.test(principal));
  return partial === undefined ? undefined : { property, must: 'be whole principals, because IAM takes no wildcard in a part of one', got: partial, fix: FIX };
}
