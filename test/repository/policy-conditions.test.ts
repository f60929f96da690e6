import { Aws, CfnJson, CfnParameter } from 'aws-cdk-lib';
import { AnyPrincipal, Conditions, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { ImageRepository } from '../../src';
import { newStack, Template } from '../helpers/stack';
import { messageOf } from '../helpers/wrong-input';

const ORGANIZATION = 'o-a1b2c3d4e5';
const UNIT = 'o-a1b2c3d4e5/r-ab12/ou-ab12-11111111';

/** The error message if everybody is allowed to pull under these conditions. */
function pulledUnder(conditions: Conditions, stack = newStack()): string {
  return messageOf(() => {
    new ImageRepository(stack, 'Repository').addToResourcePolicy(new PolicyStatement({
      sid: 'Shared', principals: [new AnyPrincipal()], actions: ['ecr:BatchGetImage'], conditions,
    }));
    Template.fromStack(stack);
  });
}

describe('a wildcard principal is rejected under a condition that is not limited to certain organizations or accounts:', () => {
  test.each<[string, Conditions]>([
    ['none', {}],
    ['everything but an organization', { StringNotEquals: { 'aws:PrincipalOrgID': ORGANIZATION } }],
    ['everything except a pattern of organizations', { StringNotLike: { 'aws:PrincipalOrgID': ORGANIZATION } }],
    ['everything but an ARN', { ArnNotEquals: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/r' } }],
    ['an organization, if there is one', { StringEqualsIfExists: { 'aws:PrincipalOrgID': ORGANIZATION } }],
    ['a path, if there is one', { 'ForAnyValue:StringLikeIfExists': { 'aws:PrincipalOrgPaths': `${UNIT}/*` } }],
    ['ForAllValues, which is true without values', { 'ForAllValues:StringLike': { 'aws:PrincipalOrgPaths': `${UNIT}/*` } }],
    ['any organization at all', { Null: { 'aws:PrincipalOrgID': 'false' } }],
    ['no organization', { Null: { 'aws:PrincipalOrgID': true } }],
    ['a star', { StringLike: { 'aws:PrincipalOrgID': '*' } }],
    ['a star after the letter', { StringLike: { 'aws:PrincipalOrgID': 'o-*' } }],
    ['a star where AWS takes none', { StringEquals: { 'aws:PrincipalOrgID': 'o-*' } }],
    ['a question mark', { StringLike: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e?' } }],
    ['one organization, and any other', { StringLike: { 'aws:PrincipalOrgID': [ORGANIZATION, 'o-*'] } }],
    ['no values', { StringEquals: { 'aws:PrincipalOrgID': [] } }],
    ['an empty text', { StringEquals: { 'aws:PrincipalOrgID': '' } }],
    ['a path of any organization', { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': 'o-*/r-ab12/ou-ab12-11111111/*' } }],
    ['a path that begins with a star', { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': '*/ou-ab12-11111111/*' } }],
    ['a path without an organization', { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': '/r-ab12/*' } }],
    ['a part of an account', { StringLike: { 'aws:PrincipalAccount': '1111*' } }],
    ['any role of that name', { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/builder' } }],
    ['any role of that name, in a partition that is known later', { ArnLike: { 'aws:PrincipalArn': `arn:${Aws.PARTITION}:iam::*:role/builder` } }],
    ['an ARN without an account', { ArnLike: { 'aws:SourceArn': 'arn:aws:s3:::bucket' } }],
    ['an ARN with a star before the account, because the path of a role can contain the account', { StringLike: { 'aws:PrincipalArn': 'arn:aws:iam:*:111122223333:*' } }],
    ['an ARN that begins with a star', { StringLike: { 'aws:SourceArn': 'arn:*:*:*:111122223333:*' } }],
    ['no ARN', { StringLike: { 'aws:SourceArn': 'builder' } }],
    ['an address', { IpAddress: { 'aws:SourceIp': '192.0.2.0/24' } }],
    ['an encrypted connection', { Bool: { 'aws:SecureTransport': 'true' } }],
    ['a tag, which everybody can have', { StringEquals: { 'aws:PrincipalTag/team': 'web' } }],
    ['a type of principal', { StringEquals: { 'aws:PrincipalType': 'AssumedRole' } }],
    ['the organization of the caller', { StringEquals: { 'aws:PrincipalOrgID': '${aws:PrincipalOrgID}' } }],
    ['the account of the caller, in an ARN', { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::${aws:PrincipalAccount}:role/builder' } }],
    ['a token with a star behind it', { StringLike: { 'aws:PrincipalAccount': `${Aws.ACCOUNT_ID}*` } }],
  ])('%s', (_, conditions) => {
    expect(pulledUnder(conditions)).toMatch(/^Stack\/Repository: 'statement Shared' must have a condition that is true for certain organizations or accounts only/);
  });
});

describe('a wildcard principal can pull under a condition that is limited to certain organizations or accounts:', () => {
  test.each<[string, Conditions]>([
    ['an organization', { StringEquals: { 'aws:PrincipalOrgID': ORGANIZATION } }],
    ['two organizations', { StringLike: { 'aws:PrincipalOrgID': [ORGANIZATION, 'o-z9y8x7w6v5'] } }],
    ['an organization, without regard to case', { stringequals: { 'AWS:principalORGid': ORGANIZATION } }],
    ['an organization, compared without regard to case', { StringEqualsIgnoreCase: { 'aws:PrincipalOrgID': ORGANIZATION } }],
    ['an organization and something else', { StringEquals: { 'aws:PrincipalOrgID': ORGANIZATION }, Bool: { 'aws:SecureTransport': 'true' } }],
    ['the organization of the repository', { StringEquals: { 'aws:PrincipalOrgID': '${aws:ResourceOrgID}' } }],
    ['the account of the repository', { StringEquals: { 'aws:PrincipalAccount': '${aws:ResourceAccount}' } }],
    ['a unit', { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': `${UNIT}/*` } }],
    ['a whole organization by its path', { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': 'o-a1b2c3d4e5/*' } }],
    ['an account', { StringEquals: { 'aws:PrincipalAccount': ['111122223333', '444455556666'] } }],
    ['a role of an account', { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/build-*' } }],
    ['a role of the own account', { ArnLike: { 'aws:PrincipalArn': `arn:${Aws.PARTITION}:iam::${Aws.ACCOUNT_ID}:role/*` } }],
    ['the account of a source', { StringEquals: { 'aws:SourceAccount': '111122223333' } }],
    ['the organization of a source', { StringEquals: { 'aws:SourceOrgID': ORGANIZATION } }],
    ['the path of a source', { 'ForAnyValue:StringLike': { 'aws:SourceOrgPaths': `${UNIT}/*` } }],
    ['a source', { ArnLike: { 'aws:SourceArn': 'arn:aws:lambda:eu-west-1:111122223333:function:*' } }],
    ['an endpoint', { StringEquals: { 'aws:SourceVpce': 'vpce-1a2b3c4d' } }],
    ['the organization of an endpoint', { StringEquals: { 'aws:VpceOrgID': ORGANIZATION } }],
    ['an account that is a token', { StringEquals: { 'aws:PrincipalAccount': Aws.ACCOUNT_ID } }],
  ])('%s', (_, conditions) => {
    expect(pulledUnder(conditions)).toBe('accepted');
  });

  test('values, lists and blocks that are tokens', () => {
    const stack = newStack();
    const organization = new CfnParameter(stack, 'Organization').valueAsString;
    const organizations = new CfnParameter(stack, 'Organizations', { type: 'CommaDelimitedList' }).valueAsList;
    const block = new CfnJson(stack, 'Block', { value: { [organization]: 'x' } });
    for (const [index, value] of [{ 'aws:PrincipalOrgID': organization }, { 'aws:PrincipalOrgID': organizations }, block].entries()) {
      new ImageRepository(stack, `Repository${index}`).addToResourcePolicy(new PolicyStatement({
        principals: [new AnyPrincipal()], actions: ['ecr:BatchGetImage'], conditions: { StringEquals: value },
      }));
    }
    Template.fromStack(stack).resourceCountIs('AWS::ECR::Repository', 3);
  });
});
