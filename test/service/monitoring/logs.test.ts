import { Lazy, Token } from 'aws-cdk-lib';
import { Key } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { scene } from './services';
import { FargateServiceProps } from '../../../src';
import { Match, newStack, Template } from '../../helpers/stack';
import { messageOf, told, wrong } from '../../helpers/wrong-input';

const days = Object.values(RetentionDays).filter(value => typeof value === 'number');

describe('the logs of a service', () => {
  test('are kept for a month, and stay when the service is deleted', () => {
    Template.fromStack(scene().stack).hasResource('AWS::Logs::LogGroup', {
      Properties: { RetentionInDays: 30, KmsKeyId: Match.absent() }, DeletionPolicy: 'Retain', UpdateReplacePolicy: 'Retain',
    });
  });

  test.each(days.filter(value => value !== RetentionDays.INFINITE))('are kept for %p days', logRetention => {
    Template.fromStack(scene({ logRetention }).stack).hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: logRetention });
  });

  test('are kept forever if you ask for it', () => {
    Template.fromStack(scene({ logRetention: RetentionDays.INFINITE }).stack).hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: Match.absent() });
  });

  test.each([0, -1, 2, 31, 29.5, NaN, null, '30', 'ONE_MONTH', {}])('cannot be kept for %p days, which CloudWatch Logs does not offer', logRetention => {
    const message = messageOf(() => scene(wrong<FargateServiceProps>({ logRetention })));

    expect(message).toMatch(told('logRetention'));
    expect(message).toContain('Use a member of RetentionDays');
  });

  test('can be kept for a time that is a token', () => {
    const logRetention = Token.asNumber(Lazy.any({ produce: () => ({ Ref: 'Days' }) })) as RetentionDays;

    Template.fromStack(scene({ logRetention }).stack).hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: { Ref: 'Days' } });
  });
});

describe('logs that are encrypted with your key', () => {
  test('are possible: the key policy allows CloudWatch Logs to use the key for log groups of this account and region only', () => {
    const stack = newStack();
    const template = Template.fromStack(scene({ logEncryptionKey: new Key(stack, 'Key') }, { stack }).stack);
    const [key] = Object.keys(template.findResources('AWS::KMS::Key'));

    template.hasResourceProperties('AWS::Logs::LogGroup', { KmsKeyId: { 'Fn::GetAtt': [key, 'Arn'] } });
    template.hasResourceProperties('AWS::KMS::Key', {
      KeyPolicy: {
        Statement: Match.arrayWith([{
          Effect: 'Allow',
          Principal: { Service: { 'Fn::Join': ['', ['logs.', { Ref: 'AWS::Region' }, '.', { Ref: 'AWS::URLSuffix' }]] } },
          Action: ['kms:Encrypt*', 'kms:Decrypt*', 'kms:ReEncrypt*', 'kms:GenerateDataKey*', 'kms:Describe*'],
          Resource: '*',
          Condition: {
            ArnLike: {
              'kms:EncryptionContext:aws:logs:arn': {
                'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':logs:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ':log-group:*']],
              },
            },
          },
        }]),
      },
    });
  });

  test('wait for the key policy, and an imported key is used unchanged', () => {
    const stack = newStack();
    const arn = 'arn:aws:kms:eu-central-1:123456789012:key/12345678-1234-1234-1234-123456789012';

    Template.fromStack(scene({ logEncryptionKey: Key.fromKeyArn(stack, 'Key', arn) }, { stack }).stack)
      .hasResourceProperties('AWS::Logs::LogGroup', { KmsKeyId: arn });
  });

  test.each([null, 'alias/key', {}, 5, Key])('need a key, not %p', logEncryptionKey => {
    expect(messageOf(() => scene(wrong<FargateServiceProps>({ logEncryptionKey })))).toMatch(told('logEncryptionKey'));
  });
});
