import { send } from '../../src/custom-resource/small-request';
import { parseIdentity } from '../../src/federation/identity-text';
import { GoogleCredentials, GoogleTokens } from '../../src/google/handler/google-tokens';
import { AwsFederation } from '../helpers/aws-federation';
import { GOOGLE_IDENTITY_TEXT, GoogleCloud, GoogleRefusal, PROVIDER } from '../helpers/google-cloud';
import { TestClock } from '../helpers/registry-clock';

let aws: AwsFederation;
let google: GoogleCloud;
let clock: TestClock;
const sent: string[] = [];
beforeEach(async () => {
  clock = new TestClock();
  sent.length = 0;
  aws = await AwsFederation.start();
  aws.clock = clock;
  google = await GoogleCloud.start(aws);
});
afterEach(async () => Promise.all([aws.stop(), google.stop()]));

function tokens(text = GOOGLE_IDENTITY_TEXT): GoogleTokens {
  const identity = parseIdentity(text);
  if (identity === undefined) throw new Error(text);
  return new GoogleTokens(identity, {
    clock, environment: { ...aws.environment, CLOUD_ORIGINS: JSON.stringify(google.origins) },
    send: async request => {
      sent.push(request.url.href);
      return send(request);
    },
  });
}
const messageOf = async (text?: string) => tokens(text).accessToken().then(() => 'a token', (error: unknown) => (error as Error).message);

/** Every secret in any request or response. */
const secrets = () => [...aws.tokens, ...google.federatedTokens, ...google.accessTokens.keys(), 'secret-canary', 'session-canary'];

describe('a Google access token', () => {
  test('comes from an AWS token that Google verifies, and from service account impersonation', async () => {
    const token = await tokens().accessToken();

    expect(google.isValid(token)).toBe(true);
    expect(google.calls.map(({ id }) => id)).toEqual(['sts.token', 'iamcredentials.projects.serviceAccounts.generateAccessToken']);
    expect(aws.calls).toEqual([expect.objectContaining({ parameters: expect.objectContaining({ 'Audience.member.1': `https://iam.googleapis.com/${PROVIDER}` }) })]);
  });

  test('comes from a signed request in an account without federation, which cannot be used for anything else', async () => {
    google.isAwsProvider = true;
    aws.isEnabled = false;

    expect(google.isValid(await tokens(GOOGLE_IDENTITY_TEXT.replace('google;', 'google-aws;')).accessToken())).toBe(true);
    expect(aws.calls).toEqual([]);
  });

  test('is shared by all requests, and renewed before it expires', async () => {
    const shared = tokens();
    const [one, other] = await Promise.all([shared.accessToken(), shared.accessToken()]);
    expect(one).toBe(other);
    await clock.sleep(54 * 60_000);
    expect(await shared.accessToken()).toBe(one);
    await clock.sleep(2 * 60_000);

    const renewed = await shared.accessToken();
    expect(renewed).not.toBe(one);
    expect(google.isValid(renewed)).toBe(true);
    expect(google.callsOf('sts.token')).toHaveLength(2);
  });

  test('is renewed once after a rejection', async () => {
    const credentials = new GoogleCredentials(tokens());
    const host = 'europe-west1-docker.pkg.dev';
    const first = await credentials.credentialsFor(host);
    expect(first).toEqual({ username: 'oauth2accesstoken', password: expect.stringMatching(/^ya29\./) });

    expect(await credentials.credentialsFor(host, first)).not.toEqual(first);
  });

  test.each(['example.com', 'docker.pkg.dev.example.com', 'team.azurecr.io', 'europe-west1-docker.pkg.dev:8443'])('is never sent to %s', async host => {
    await expect(new GoogleCredentials(tokens()).credentialsFor(host)).rejects.toThrow('only for hosts of Artifact Registry');
    expect(sent).toEqual([]);
  });

  test('is requested again after a failure', async () => {
    google.refuse('sts.token', 503, 'reset', 503);
    const shared = tokens();

    expect(google.isValid(await shared.accessToken())).toBe(true);
    aws.refuse('GetWebIdentityToken', { status: 400, type: 'JWTPayloadSizeExceededException' });
    await clock.sleep(3_600_000);
    await expect(shared.accessToken()).rejects.toThrow('too many tags');
    expect(google.isValid(await shared.accessToken())).toBe(true);
  });
});

describe('common first errors have a fix, without any secret:', () => {
  const refusal = (code: number, status: string, message: string, reason?: string): GoogleRefusal => ({ code, status, message, reason });

  test.each<[string, () => void, RegExp]>([
    ['federation is not enabled', () => { aws.isEnabled = false; }, /^AWS gave no token for the other cloud: outbound identity federation is disabled in this account; add an OutboundIdentityFederation/],
    ['the provider trusts another issuer', () => { google.issuer = 'https://other.example'; }, /; the issuer of the provider must be the issuerUrl of OutboundIdentityFederation in this account$/],
    ['the provider allows another audience', () => { google.audiences = ['other']; }, /; let the provider allow its default audience, https:\/\/iam\.googleapis\.com\/projects\/123456789012\/.+\/providers\/aws-outbound$/],
    ['the attribute condition does not accept the role', () => { google.condition = () => false; }, /answered 401 unauthorized_client: .+; the attribute condition of the provider does not accept the role/],
    ['the provider is of the other kind', () => { google.isAwsProvider = true; }, /the provider must be an OIDC provider with the issuerUrl/],
    ['the role of the service account is missing', () => { google.mayImpersonate = false; }, /; grant roles\/iam\.workloadIdentityUser on the service account to the role of the function/],
    ['the API is disabled', () => {
      google.refuse('generateAccessToken', refusal(403, 'PERMISSION_DENIED', 'IAM Service Account Credentials API has not been used', 'SERVICE_DISABLED'));
    }, /; enable the API in the project of the service account: gcloud services enable iamcredentials\.googleapis\.com$/],
    ['the service account does not exist', () => { google.refuse('generateAccessToken', refusal(404, 'NOT_FOUND', 'Not found')); }, /; check the address of the service account$/],
    ['Google does not respond', () => { google.refuse('sts.token', ...Array.from({ length: 99 }, () => 'reset' as const)); }, /^could not exchange the token of AWS: Google STS \(sts\.googleapis\.com\) could not be reached$/],
  ])('%s', async (_, prepare, sentence) => {
    prepare();
    const message = await messageOf();

    expect(message).toMatch(sentence);
    expect(secrets().filter(secret => message.includes(secret))).toEqual([]);
  });

  test('the pool does not exist', async () => {
    expect(await messageOf(GOOGLE_IDENTITY_TEXT.replace('aws-pool', 'other-pool'))).toMatch(/answered 400 invalid_target: .+; check projectNumber, poolId and providerId/);
  });

  test('a token that Google repeats is not shown', async () => {
    clock.now = () => Date.now() + 3_600_000;
    aws.clock = { now: () => Date.now() };
    google.audiences = [];
    const quoting = refusal(403, 'PERMISSION_DENIED', `no access with ${'federated-canary-1'} and eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2ln`);
    google.audiences = [`https://iam.googleapis.com/${PROVIDER}`];
    google.refuse('generateAccessToken', quoting);

    expect(await messageOf()).toContain('no access with *** and ***');
  });

  test.each([
    ['session token', (request: string) => /session-canary/.exec(request)],
    ['signature', (request: string) => /Signature=([0-9a-f]{64})/.exec(request)],
  ])('the %s of a signed request that Google repeats, decoded, is not shown', async (_, find) => {
    let quoted = '';
    const quoting = new GoogleTokens({ kind: 'google-aws', fields: GOOGLE_IDENTITY_TEXT.split(';').slice(1) }, {
      clock, environment: aws.environment,
      send: async ({ body }) => {
        const [found = '', part = found] = find(decodeURIComponent(JSON.parse(body).subjectToken)) ?? [];
        quoted = part;
        return { status: 400, body: JSON.stringify({ error: 'invalid_grant', error_description: `wrong: ${quoted}` }) };
      },
    });
    const message = await quoting.accessToken().then(() => 'a token', (error: unknown) => (error as Error).message);

    expect(quoted).not.toBe('');
    expect(message).toContain('wrong: ***');
    expect(message).not.toContain(quoted);
  });

  test.each(['google;1;aws-pool;aws-outbound;a@b.gserviceaccount.com', 'google;123456789012;aws-pool;aws-outbound', 'google;123456789012;..;aws-outbound;a@b.gserviceaccount.com'])(
    '%s is not a Google identity', text => {
      expect(() => tokens(text)).toThrow('the identity must be project number, pool, provider and service account of Google');
      expect(sent).toEqual([]);
    },
  );
});
