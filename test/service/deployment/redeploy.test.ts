import { CfnParameter, SecretValue, Token } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { deploy, serviceOf } from './scene';
import { Deployment } from '../../../src';
import { redeploymentNonce } from '../../../src/service/deployment/common-deployment';
import { newStack } from '../../helpers/stack';

const forcedBy = (redeployOn: string[], stack = newStack()) =>
  serviceOf(deploy(Deployment.rolling({ redeployOn }), {}, stack).stack).ForceNewDeployment;

describe('a service is redeployed', () => {
  test('when one of the given texts changes, and not at every synthesis', () => {
    const [first, again, other] = [forcedBy(['v1']), forcedBy(['v1']), forcedBy(['v2'])];
    expect(first).toEqual({ EnableForceNewDeployment: true, ForceNewDeploymentNonce: expect.stringMatching(/^[0-9a-f]{24}$/) });
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
  });

  test('when a token in the texts changes its value', () => {
    const stack = newStack();
    const version = new CfnParameter(stack, 'Version').valueAsString;
    expect(forcedBy(['v1', version], stack).ForceNewDeploymentNonce)
      .toEqual({ 'Fn::Join': ['.', [expect.stringMatching(/^[0-9a-f]{24}$/), { Ref: 'Version' }]] });
    const other = newStack();
    const versions = new CfnParameter(other, 'Versions', { type: 'CommaDelimitedList' }).valueAsList;
    expect(forcedBy(versions, other).ForceNewDeploymentNonce).toEqual({ 'Fn::Join': ['.', { Ref: 'Versions' }] });
  });

  test('only when the task definition changes, if no texts are given', () => {
    expect(serviceOf(deploy(undefined).stack)).not.toHaveProperty('ForceNewDeployment');
  });

  test('for any texts, with a value of at most 255 characters', () => {
    const texts = fc.array(fc.string({ minLength: 1 }), { minLength: 1 });
    fc.assert(fc.property(texts, texts, (some, others) => {
      const nonce = redeploymentNonce(some);
      expect(nonce.length).toBeLessThanOrEqual(255);
      expect(nonce === redeploymentNonce(others)).toBe(JSON.stringify(some) === JSON.stringify(others));
    }));
  });

  test('and a token in the texts is resolved by CloudFormation, not hashed at synthesis', () => {
    expect(Token.isUnresolved(redeploymentNonce([SecretValue.ssmSecure('/version').toString()]))).toBe(true);
  });
});
