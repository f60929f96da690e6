import { createHash } from 'crypto';
import { Fn, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { checkList } from '../../private/check-types';
import { checkPattern, reject } from '../../private/validation';

const FIX = 'Give what changes, e.g. [secret.secretFullArn], or leave it out.';

/**
 * A text that is another one when one of these is, and else the same at each synthesis.
 *
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ecs-service-forcenewdeployment.html
 */
export function redeploymentNonce(scope: IConstruct, texts: string[]): string {
  const property = 'deployment.redeployOn';
  checkList(scope, property, texts, FIX);
  if (Token.isUnresolved(texts)) {
    return Fn.join('.', texts);
  }
  if (texts.length === 0) {
    reject(scope, { property, must: 'have at least one text', got: texts, fix: FIX });
  }
  texts.forEach(value => checkPattern(scope, { property, value, pattern: /^[^]+$/, must: 'be texts that are not empty', fix: FIX }));
  const later = texts.filter(text => Token.isUnresolved(text));
  // In whatever order they are given, they are the same.
  const now = texts.filter(text => !Token.isUnresolved(text)).sort();
  // A hash, because all of it has at most 255 characters.
  const hash = now.length === 0 ? [] : [createHash('sha256').update(JSON.stringify(now)).digest('hex').slice(0, 24)];
  return Fn.join('.', [...hash, ...later]);
}
