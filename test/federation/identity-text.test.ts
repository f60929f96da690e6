import { formatIdentity, parseIdentity } from '../../src/federation/identity-text';

test('an identity is parsed as it is written', () => {
  const fields = ['123456789012', 'aws', 'aws-outbound', 'images@my-project.iam.gserviceaccount.com'];

  expect(parseIdentity(formatIdentity('google', fields))).toEqual({ kind: 'google', fields });
});

test.each<unknown>([
  undefined, null, 1, {}, '', 'google', 'google;', 'google;;b', 'google;a b', 'google;a,b', 'google;a;', 'Google;a', 'google;a\nb', ';a', '-google;a',
  'arn:aws:secretsmanager:eu-west-1:111122223333:secret:hub',
])('%j is not an identity', value => {
  expect(parseIdentity(value)).toBeUndefined();
});
