import { DockerBuildSecret, Lazy } from 'aws-cdk-lib';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ImageSource } from '../../src';
import { warnOfSecretOptions } from '../../src/image/sources/build-warnings';
import { publish, publishSource, toldIn } from '../helpers/build-context';
import { APP, newStack } from '../helpers/stack';

const VALUE = 'canary-of-a-secret';
const URL = `https://me:${VALUE}@example.com/simple`;

describe('a build argument that looks like a secret by its name or its value', () => {
  test('causes one warning for an image, which does not show the value', () => {
    const { stack } = publish(APP, { buildArgs: { NPM_TOKEN: VALUE, VERSION: '1', INDEX: URL }, platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64] });

    expect(toldIn(stack)).toEqual([{
      level: 'warning', path: '/Stack/Repository/Images/web', id: 'secretBuildArgs',
      text: 'Some build arguments look like secrets: "buildArgs.INDEX", "buildArgs.NPM_TOKEN". CDK writes build arguments in clear text to the asset manifest in '
        + 'cdk.out, and Docker keeps them in the image history. Use \'buildSecrets\' with RUN --mount=type=secret instead. If these values are not secret, '
        + 'acknowledge this warning: Annotations.of(this).acknowledgeWarning(\'cdk-container-delivery:secretBuildArgs\', \'why\').',
    }]);
  });

  test('causes the warning for an asset of CDK too', () => {
    const { stack } = publishSource(scope => ImageSource.asset(new DockerImageAsset(scope, 'Own', { directory: APP, buildArgs: { NPM_TOKEN: VALUE } })));

    expect(toldIn(stack).map(({ path, id }) => `${path} ${id}`)).toEqual(['/Stack/Repository/Images/web secretBuildArgs']);
  });

  test('causes no warning if it has no value, or only switches something on', () => {
    const names = ['', 'true', 'False', '0', '1', 'on', 'no'];
    const { stack } = publish(APP, { buildArgs: Object.fromEntries(names.map((value, position) => [`T${position}_TOKEN`, value])) });

    expect(toldIn(stack)).toEqual([]);
  });

  test('can be a token', () => {
    const stack = newStack();
    warnOfSecretOptions(stack, { buildArgs: { NPM_TOKEN: Lazy.string({ produce: () => VALUE }) }, outputs: [Lazy.string({ produce: () => VALUE })] });

    expect(toldIn(stack)).toEqual([]);
  });

  test('is named without the text after an equals sign, on one line', () => {
    const [{ text }] = toldIn(publish(APP, { buildArgs: { [`A_TOKEN=${VALUE}`]: 'x', 'B_TOKEN\nx': 'x' } }).stack);

    expect(text).toContain('secrets: "buildArgs.A_TOKEN", "buildArgs.B_TOKEN\\nx". ');
    expect(text).not.toContain(VALUE);
  });
});

describe('other options that CDK writes to the asset manifest', () => {
  test.each<[string, object]>([
    ['buildContexts.lib', { buildContexts: { lib: `https://me:${VALUE}@github.com/team/lib.git`, secrets: '../shared' } }],
    ['buildSecrets.NPM_TOKEN', { buildSecrets: { NPM_TOKEN: VALUE, FILE: DockerBuildSecret.fromSrc('file.txt'), VARIABLE: 'type=env,env=NPM_TOKEN' } }],
    ['buildSsh', { buildSsh: `-----BEGIN OPENSSH PRIVATE KEY-----\n${VALUE}` }],
    ['cacheFrom[1].params.token', { cacheFrom: [{ type: 'gha' }, { type: 'gha', params: { token: VALUE, scope: 'web' } }] }],
    ['cacheTo.params.secret_access_key', { cacheTo: { type: 's3', params: { secret_access_key: VALUE, access_key_id: 'AKIA', bucket: 'cache' } } }],
    ['outputs[0].registry_token', { outputs: [`type=image,registry_token=${VALUE},push=true`] }],
    ['outputs[1].dest', { outputs: ['type=docker', `type=local,dest=${URL}`] }],
  ])('%s causes a warning that does not show the value', (named, options) => {
    const stack = newStack();
    warnOfSecretOptions(stack, options);

    expect(toldIn(stack)).toEqual([expect.objectContaining({ level: 'warning', path: '/Stack', id: 'secretBuildOptions' })]);
    expect(toldIn(stack)[0].text).toContain(`Some build options look like secrets: "${named}". CDK writes them in clear text to the asset manifest in cdk.out. `);
    expect(toldIn(stack)[0].text).toContain('acknowledgeWarning(\'cdk-container-delivery:secretBuildOptions\', \'why\')');
    expect(JSON.stringify(toldIn(stack))).not.toContain(VALUE);
  });

  test('cause one warning together, on the published image', () => {
    const { stack } = publish(APP, { cacheTo: { type: 's3', params: { session_token: VALUE } }, buildContexts: { lib: URL } });

    expect(toldIn(stack).map(({ path, id }) => `${path} ${id}`)).toEqual(['/Stack/Repository/Images/web secretBuildOptions']);
  });

  test('cause no warning if they only name the location of a secret', () => {
    const { stack } = publish(APP, {
      buildArgs: { VERSION: '1', TOKEN_URL: 'https://example.com:8443/token', GIT: 'git@github.com:team/lib.git', PROXY: 'http://me:$PASSWORD@proxy:3128' },
      buildContexts: { lib: 'https://github.com/team/lib.git', base: 'docker-image://example.com:5000/base@sha256:abc', ssh: 'ssh://git@example.com:22/lib' },
      buildSecrets: { NPM_TOKEN: 'env=NPM_TOKEN', NETRC: 'src=.netrc', OTHER: 'type=file,source=/run/other' },
      buildSsh: 'default=/run/agent.sock',
      cacheFrom: [{ type: 'registry', params: { ref: 'example.com:5000/cache' } }],
      cacheTo: { type: 's3', params: { access_key_id: 'AKIA', region: 'eu-west-1' } },
      outputs: ['type=docker', 'type=tar,dest=image.tar'],
    });

    expect(toldIn(stack)).toEqual([]);
  });

  test('can have any type, because CDK rejects invalid ones', () => {
    const stack = newStack();
    for (const wrong of [null, 1, 'text', [], ['x', 1, null], { A_TOKEN: 1 }, { A_TOKEN: null }, [{ params: 1 }, { params: { token: 1 } }]]) {
      const keys = ['buildArgs', 'buildContexts', 'buildSecrets', 'buildSsh', 'cacheFrom', 'cacheTo', 'outputs'];
      warnOfSecretOptions(stack, Object.fromEntries(keys.map(key => [key, wrong])));
    }

    expect(toldIn(stack)).toEqual([]);
  });
});
