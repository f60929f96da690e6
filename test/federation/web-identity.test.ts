import { send } from '../../src/custom-resource/small-request';
import { webIdentity } from '../../src/federation/handler/web-identity';
import { AwsFederation, FederationRefusal, ISSUER, ROLE } from '../helpers/aws-federation';
import { verified } from '../helpers/json-web-tokens';
import { TestClock } from '../helpers/registry-clock';

const AUDIENCE = 'api://AzureADTokenExchange';

let aws: AwsFederation;
beforeEach(async () => { aws = await AwsFederation.start(); });
afterEach(async () => aws.stop());

const request = async (more: Record<string, string | undefined> = {}) => webIdentity({
  clock: new TestClock(), send, environment: { ...aws.environment, ...more },
})({ audience: AUDIENCE, durationSeconds: 300 });
const message = async () => request().then(() => 'a token', (error: unknown) => String(error));

test('an AWS token proves the role of the function to one audience, with a signature that the published key verifies', async () => {
  const claims = verified(await request(), aws.issuer.jwks);

  expect(claims).toMatchObject({ iss: ISSUER, sub: ROLE, aud: AUDIENCE });
  expect(Number(claims.exp) - Number(claims.iat)).toBe(300);
});

test('the request goes to the regional endpoint and names an algorithm that Azure and Google accept', async () => {
  await request();

  expect(aws.calls).toEqual([{
    service: 'sts', region: 'eu-west-1', operation: 'GetWebIdentityToken',
    parameters: { 'Audience.member.1': AUDIENCE, 'DurationSeconds': '300', 'SigningAlgorithm': 'RS256' },
  }]);
});

test.each([['eu-west-1', 'sts.eu-west-1.amazonaws.com'], ['cn-north-1', 'sts.cn-north-1.amazonaws.com.cn'], ['us-gov-west-1', 'sts.us-gov-west-1.amazonaws.com']])(
  'in %s the endpoint is %s', async (region, host) => {
    let asked = '';
    const dependencies = { clock: new TestClock(), environment: { AWS_REGION: region, AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' } };
    await webIdentity({ ...dependencies, send: async ({ url }) => { asked = url.host; return { status: 400, body: '' }; } })({ audience: AUDIENCE, durationSeconds: 300 })
      .catch(() => undefined);
    expect(asked).toBe(host);
  },
);

test('a new permission is awaited', async () => {
  aws.refuse('GetWebIdentityToken', { status: 403, type: 'AccessDenied' }, { status: 503, type: 'ServiceUnavailable' }, 'reset');

  expect(verified(await request(), aws.issuer.jwks)).toMatchObject({ aud: AUDIENCE });
});

describe('an error has a fix', () => {
  test.each<[string, FederationRefusal, RegExp]>([
    ['when the feature is disabled', { status: 403, type: 'OutboundWebIdentityFederationDisabledException' }, /outbound identity federation is disabled in this account; add an OutboundIdentityFederation/],
    ['when the permission is missing', { status: 403, type: 'AccessDenied', message: 'is not authorized to perform: sts:GetWebIdentityToken' }, /allow sts:GetWebIdentityToken to the role of the function/],
    ['when the session ends too early', { status: 403, type: 'SessionDurationEscalationException' }, /the session of the function ends before the token would; deploy again/],
    ['when the token would be too large', { status: 400, type: 'JWTPayloadSizeExceededException' }, /the role of the function has too many tags/],
  ])('%s', async (_, refusal, sentence) => {
    aws.refuse('GetWebIdentityToken', ...Array.from({ length: 20 }, () => refusal));

    expect(await message()).toMatch(sentence);
  });

  test('if the answer has no token', async () => {
    const send200 = async () => ({ status: 200, body: '<GetWebIdentityTokenResponse><GetWebIdentityTokenResult/></GetWebIdentityTokenResponse>' });
    await expect(webIdentity({ clock: new TestClock(), send: send200, environment: aws.environment })({ audience: AUDIENCE, durationSeconds: 300 }))
      .rejects.toThrow('AWS STS answered without a token');
  });
});
