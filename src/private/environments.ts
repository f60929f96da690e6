import { Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { isPendingLookup } from './lookups';
import { reject } from './validation';

/** The environment of a resource: its region and its account. */
export interface Environment {
  readonly region?: string;
  readonly account?: string;
}

const ARNS = [
  'certificateArn', 'keyArn', 'roleArn', 'clusterArn', 'alarmArn', 'logGroupArn', 'secretArn', 'queueArn', 'namespaceArn', 'listenerArn', 'loadBalancerArn',
];

/** Returns the environment of a resource: that of its ARN where the ARN is known, otherwise that of its stack. */
export function environmentOf(resource: object): Environment {
  const { env, ...properties } = resource as { readonly env?: Environment } & { readonly [name: string]: unknown };
  const arn = ARNS.map(name => properties[name]).find(value => typeof value === 'string' && value.startsWith('arn:'));
  if (isPendingLookup(arn)) return {};
  const [, , , region, account] = String(arn ?? '').split(':');
  return { region: region || env?.region, account: account || env?.account };
}

/** Rejects a resource of another region or account than the stack of the construct. Passes if one of the two is only known at deployment. */
export function checkEnvironment(scope: IConstruct, property: string, what: 'region' | 'account', there: string | undefined): void {
  const here = Stack.of(scope)[what];
  if (there !== undefined && there !== here && !Token.isUnresolved(here) && !Token.isUnresolved(there)) {
    reject(scope, { property, must: `be in ${here}, the ${what} of the stack`, got: there, fix: 'Use one that is there, or create it there.' });
  }
}

/** Rejects a resource that AWS requires in the region and account of the stack. */
export function checkSameEnvironment(scope: IConstruct, property: string, resource: object, same: readonly ('region' | 'account')[] = ['region', 'account']): void {
  same.forEach(what => checkEnvironment(scope, property, what, environmentOf(resource)[what]));
}
