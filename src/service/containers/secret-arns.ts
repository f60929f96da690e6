import { Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { sentence, userError, Violation } from '../../private/validation';

/** The name of a secret in an ARN that ends with field, stage and version. */
const FIELD = /:secretsmanager:[^:]*:[^:]*:secret:([^:$]+):(?!::$)[^:]*:[^:]*:/;

const COMPLETE = /-[A-Za-z0-9]{6}$/;

/**
 * Rejects a field of a secret whose complete ARN is unknown. ECS would not find the secret, and tasks would not start.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/secrets-envvar-secrets-manager.html
 */
export function checkSecretArn(scope: IConstruct, property: string, arn: string): void {
  const violation = partialSecret(scope, property, arn);
  if (violation !== undefined) throw userError(`${scope.node.path}: ${sentence(violation)}`);
}

/** The rule that the ARN of a secret in a container definition breaks, if any. */
export function partialSecret(scope: IConstruct, property: string, arn: string): Violation | undefined {
  const name = FIELD.exec(textOf(Stack.of(scope).resolve(arn)))?.[1];
  return name === undefined || (COMPLETE.test(name) && !isImportedByName(scope, arn)) ? undefined : {
    property, must: 'have the complete ARN of the secret, because ECS needs it to read a field', got: `the secret "${name}", imported by name`,
    fix: 'Import it with secretsmanager.Secret.fromSecretCompleteArn(…), with the six characters that Secrets Manager appended.',
  };
}

/** Whether the secret is imported by name, so that its ARN lacks the suffix of Secrets Manager. A name such as "my-secret" looks like it has one. */
function isImportedByName({ node: { root } }: IConstruct, arn: string): boolean {
  return root.node.findAll().some(each => 'secretArn' in each && 'secretFullArn' in each && each.secretFullArn === undefined
    && typeof each.secretArn === 'string' && arn.startsWith(`${each.secretArn}:`));
}

/** A resolved string, with `$` in place of each intrinsic function other than `Fn::Join`. */
function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const [separator, parts] = (value as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join'] ?? [];
  return Array.isArray(parts) ? parts.map(textOf).join(separator) : '$';
}
