import * as fs from 'fs';
import * as net from 'net';
import * as os from 'os';
import * as path from 'path';
import { Annotations, IgnoreMode, SymlinkFollowMode } from 'aws-cdk-lib';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import * as fc from 'fast-check';
import { ImageRepository, ImageSource } from '../../src';
import { readBuildContext } from '../../src/image/sources/build-context';
import { contextPatterns } from '../../src/image/sources/context-patterns';
import { DOCKERFILE, folderOf, publish, publishSource, toldIn, Tree, treeOf } from '../helpers/build-context';
import { runsOf } from '../helpers/exhaustive';
import { newStack } from '../helpers/stack';

const ID = 'cdk-container-delivery:secretFiles';
const KEY = '-----BEGIN RSA PRIVATE KEY-----\nMIIE\n-----END RSA PRIVATE KEY-----\n';
const CERTIFICATE = '-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----\n';

/** The suspicious files of a context, as the warning names them. */
function secretsIn(tree: Tree, options = {}): string[] {
  const directory = folderOf({ Dockerfile: DOCKERFILE, ...tree });
  return readBuildContext(directory, { ignore: contextPatterns(newStack(), directory, { exclude: [], file: 'Dockerfile', ...options }).ignore }).secretFiles;
}

describe('the warning about files that often hold secrets', () => {
  const tree = { 'Dockerfile': DOCKERFILE, '.env': 'DB_PASSWORD=hunter2', '.git/HEAD': 'ref: refs/heads/main', '.git/config': '[core]' };

  test('appears once for an image, names the files and the fix, and shows nothing of their content', () => {
    const { stack } = publish(folderOf(tree), { platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64] });

    expect(toldIn(stack)).toEqual([{
      level: 'warning', path: '/Stack/Repository/Images/web', id: 'secretFiles',
      text: 'The build context contains ".env", ".git/". Such files often hold secrets, and instructions such as "COPY . ." copy them into the image. '
        + 'List them in .dockerignore or in \'exclude\'. Give the build its secrets with \'buildSecrets\'. '
        + `If these files belong in the image, acknowledge this warning: Annotations.of(this).acknowledgeWarning('${ID}', 'why').`,
    }]);
  });

  test('appears once if an image is built from one directory for several platforms', () => {
    const directory = folderOf(tree);
    const { stack } = publishSource(() => ImageSource.platforms([Platform.LINUX_AMD64, Platform.LINUX_ARM64]
      .map(platform => ImageSource.directory(directory, { platform }))));

    expect(toldIn(stack).map(({ path: place, id }) => `${place} ${id}`)).toEqual(['/Stack/Repository/Images/web secretFiles']);
  });

  test('appears for an asset of CDK too, for files that are not ignored', () => {
    const directory = folderOf({ ...tree, '.dockerignore': '.git\n' });
    const { stack } = publishSource(scope => ImageSource.asset(new DockerImageAsset(scope, 'Own', { directory })));

    expect(toldIn(stack).map(({ path: place, text }) => place + text.split('.')[1])).toEqual(['/Stack/Repository/Images/webenv"']);
    expect(toldIn(publishSource(scope => ImageSource.asset(new DockerImageAsset(scope, 'Own', { directory, exclude: ['.env'] }))).stack)).toEqual([]);
  });

  test.each<[string, (stack: ReturnType<typeof newStack>, acknowledge: (scope: ReturnType<typeof newStack> | ImageRepository) => void) => void]>([
    ['at the stack, before', (stack, acknowledge) => {
      acknowledge(stack);
      new ImageRepository(stack, 'Repository').buildAndPushImage(folderOf(tree));
    }],
    ['at the stack, after', (stack, acknowledge) => {
      new ImageRepository(stack, 'Repository').buildAndPushImage(folderOf(tree));
      acknowledge(stack);
    }],
    ['at the repository, before', (stack, acknowledge) => {
      const repository = new ImageRepository(stack, 'Repository');
      acknowledge(repository);
      repository.buildAndPushImage(folderOf(tree));
    }],
  ])('can be acknowledged %s', (_, build) => {
    const stack = newStack();
    build(stack, scope => Annotations.of(scope).acknowledgeWarning(ID, 'They are for tests.'));

    expect(toldIn(stack)).toEqual([]);
  });

  test('names five files if there are many, in the same order on every machine', () => {
    const many = Object.fromEntries(['h', 'b', 'g', 'a', 'c', 'f', 'e', 'd'].map(name => [`${name}/.env`, 'A=b']));
    const [{ text }] = toldIn(publish(folderOf({ Dockerfile: DOCKERFILE, ...many })).stack);

    expect(text).toContain('contains "a/.env", "b/.env", "c/.env", "d/.env", "e/.env" and 3 more. Such');
  });

  test('is one line, without terminal escapes, whatever the names are', () => {
    const names = ['a\nb', 'a\u001b[2Jb', 'a\u009bb', 'a\u202eb', 'a\u2028b'].map(name => `${name}/.env`);
    const [{ text }] = toldIn(publish(folderOf({ Dockerfile: DOCKERFILE, ...Object.fromEntries(names.map(name => [name, 'A=b'])) })).stack);

    // eslint-disable-next-line no-control-regex
    expect(text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}]/u);
    expect(text).toContain('"a\\nb/.env", "a\\u001b[2Jb/.env", "a\\u{9b}b/.env", "a\\u{2028}b/.env", "a\\u{202e}b/.env".');
  });

  test('cuts a very long name', () => {
    const directory = Array(20).fill('d'.repeat(50)).join('/');
    const [{ text }] = toldIn(publish(folderOf({ Dockerfile: DOCKERFILE, [`${directory}/.env`]: 'A=b' })).stack);

    expect(text.length).toBeLessThan(700);
  });
});

describe('the warning names', () => {
  test.each<[string, string]>([
    ['.env', ''], ['.env.local', ''], ['.env.production', ''], ['packages/api/.env', ''], ['.envrc', ''], ['.env.bak', ''],
    ['.env-prod', ''], ['.env_prod', ''], ['.env~', ''], ['prod.env', 'A=b\nDB_PASSWORD=abc'], ['web/app.ENV', 'export API_KEY="abc"'], ['.dev.vars', ''], ['.streamlit/secrets.toml', ''],
    ['chain.pem', CERTIFICATE.repeat(300) + KEY], ['vpn.ovpn', `<key>\n${KEY}</key>`], ['web.jks', ''], ['upload.keystore', ''], ['team.kdbx', ''], ['.config/git/credentials', ''],
    ['id_rsa', ''], ['.ssh/id_ed25519', ''], ['keys/id_ecdsa_sk', ''], ['.ssh/deploy', ''], ['id_deploy', KEY],
    ['tls/server.pem', CERTIFICATE + KEY], ['server.key', KEY], ['server.KEY', '-----BEGIN PRIVATE KEY-----'], ['a.pem', '-----BEGIN ENCRYPTED PRIVATE KEY-----'],
    ['a.asc', '-----BEGIN PGP PRIVATE KEY BLOCK-----'], ['a.ppk', 'PuTTY-User-Key-File-3: ssh-ed25519'], ['cert.p12', ''], ['cert.pfx', ''],
    ['config/master.key', 'b1946ac92492d2347c6235b4d2611184'], ['config/credentials/production.key', 'b1946ac9'],
    ['.npmrc', '//registry.example.com/:_authToken=abc'], ['.npmrc', 'a=b\n_auth = "abc"\n'], ['.npmrc', '//r/:_password=abc'], ['web/.npmrc', '_authToken=abc'],
    ['.yarnrc.yml', 'npmRegistries:\n  //r:\n    npmAuthToken: abc'], ['.pypirc', '[pypi]\npassword = abc'], ['pip.conf', 'index-url = https://me:abc@example.com/simple'],
    ['.m2/settings.xml', '<password>abc</password>'], ['.cargo/credentials.toml', ''], ['.gem/credentials', ''], ['.composer/auth.json', ''],
    ['NuGet.Config', '<add key="ClearTextPassword" value="abc" />'],
    ['.netrc', 'machine example.com login me password abc'], ['_netrc', 'machine a\n  password abc'], ['.git-credentials', ''],
    ['.docker/config.json', '{"auths":{"example.com":{"auth":"YWJj"}}}'], ['.dockercfg', '{"example.com":{"auth":"YWJj"}}'],
    ['.pgpass', ''], ['.htpasswd', ''], ['.vault-token', ''], ['.my.cnf', '[client]\npassword=abc'],
    ['.aws/credentials', ''], ['.aws/config', 'aws_secret_access_key = abc'], ['home/.aws/credentials', ''], ['.azure/msal_token_cache.json', ''],
    ['.config/gh/hosts.yml', 'oauth_token: abc'], ['service-account.json', '{"type": "service_account"}'], ['web-adminsdk-1.json', '{"private_key": "abc"}'],
    ['application_default_credentials.json', '{"refresh_token":"abc"}'], ['.kube/config', ''], ['kubeconfig', 'users:\n- user:\n    token: abc'],
    ['prod.kubeconfig', '    client-key-data: abc'], ['terraform.tfstate', ''], ['terraform.tfstate.backup', ''], ['prod.tfstate.d', ''],
    ['.terraformrc', 'credentials "a" {\n  token = "abc"\n}'], ['credentials.tfrc.json', '{"token": "abc"}'],
  ])('%s with the text %j', (place, text) => {
    expect(secretsIn({ [place]: text })).toEqual([place]);
  });

  test.each<[string, string]>([
    ['.git/config', '.git/'], ['vendor/lib/.git/objects/ab/cd', 'vendor/lib/.git/'], ['.hg/store/data', '.hg/'], ['.svn/wc.db', '.svn/'],
    ['.terraform/modules/modules.json', '.terraform/'], ['infra/.terraform/environment', 'infra/.terraform/'],
    ['.aws/sso/cache/abc.json', '.aws/sso/cache/'], ['.config/gcloud/credentials.db', '.config/gcloud/'],
  ])('%s (the warning shows %s)', (place, named) => {
    expect(secretsIn({ [place]: '', [`${named}other`]: '' })).toEqual([named]);
  });
});

describe('the warning does not name', () => {
  test.each<[string, string]>([
    ['.env.example', 'A='], ['.env.sample', 'A='], ['.env.template', 'A='], ['.env.production.example', 'A='], ['.env.dist', ''], ['.env.defaults', ''],
    ['.env-example', ''], ['.env_sample', ''], ['example.env', 'TOKEN=abc'], ['prod.env', 'PORT=80'], ['prod.env', 'TOKEN=${NPM_TOKEN}\n#PASSWORD=abc'], ['secrets.toml', ''],
    ['truststore.jks', ''], ['debug.keystore', ''],
    ['env', ''], ['.environment', ''], ['my.env.ts', ''], ['environment.ts', ''],
    ['id_rsa.pub', 'ssh-rsa AAAA'], ['.ssh/known_hosts', ''], ['.ssh/config', ''], ['.ssh/authorized_keys', ''], ['.ssh/deploy.pub', ''], ['id_generator.ts', ''],
    ['ca.pem', CERTIFICATE], ['public.key', '-----BEGIN PUBLIC KEY-----'], ['keynote.key', 'PK'], ['a.asc', '-----BEGIN PGP PUBLIC KEY BLOCK-----'],
    ['.gitignore', ''], ['.gitattributes', ''], ['.github/workflows/build.yml', ''], ['.git', 'gitdir: ../.git/modules/web'], ['.gitmodules', ''],
    ['.npmrc', 'registry=https://registry.example.com'], ['.npmrc', '//r/:_authToken=${NPM_TOKEN}'], ['.npmrc', '//r/:_authToken = "${NPM_TOKEN}"'],
    ['.npmrc', '# _authToken=abc'], ['.npmrc', '; _auth=abc'], ['.npmrc', 'always-auth=true'], ['.npmrc', '_authToken='],
    ['.yarnrc.yml', 'npmAuthToken: "${NPM_TOKEN}"'], ['.pypirc', '[pypi]\nusername = me'], ['pip.conf', 'index-url = https://pypi.example.com:8443/simple'],
    ['.m2/settings.xml', '<password>${env.PASSWORD}</password>'], ['settings.xml', '<password>abc</password>'],
    ['.netrc', 'machine example.com login me'], ['.docker/config.json', '{"credsStore":"ecr-login","auths":{"example.com":{}}}'], ['config.json', '{"auth":"abc"}'],
    ['.aws/config', '[default]\nregion = eu-west-1'], ['credentials', ''], ['service-account.json', '{"kind": "ServiceAccount"}'], ['credentials.json', '{}'],
    ['kubeconfig', 'clusters: []'], ['kube/config', ''], ['.terraform.lock.hcl', ''], ['main.tf', ''],
    ['node_modules/public-encrypt/test/key.pem', KEY], ['web/node_modules/a/.env', ''], ['venv/lib/python3.13/site-packages/a/test/server.key', KEY],
  ])('%s with the text %j', (place, text) => {
    expect(secretsIn({ [place]: text })).toEqual([]);
  });

  test('files that .dockerignore or exclude leaves out', () => {
    expect(secretsIn({ '.env': '', '.git/config': '', 'a/.env': '', 'b/.env': '', '.dockerignore': '**/.env\n.git\n!b/.env\n' })).toEqual(['b/.env']);
    expect(secretsIn({ '.env': '', '.git/config': '', 'id_rsa': '' }, { exclude: ['.env', '.git'] })).toEqual(['id_rsa']);
    expect(secretsIn({ '.git/config': '', '.git/HEAD': '', '.dockerignore': '.git/*\n' })).toEqual([]);
  });

  test('a symbolic link, which Docker gets as a link', () => {
    expect(secretsIn({ '.env': { to: '../.env' }, 'id_rsa': { to: '/root/.ssh/id_rsa' }, '.git': { to: '../.git' } })).toEqual([]);
  });
});

test('files behind links count if CDK copies them', () => {
  const directory = path.join(folderOf({
    'id_rsa': KEY, 'shared/.env': 'A=b', 'app/Dockerfile': DOCKERFILE, 'app/id_rsa': { to: '../id_rsa' }, 'app/lib': { to: '../shared' },
  }), 'app');
  const [{ text }] = toldIn(publish(directory, { followSymlinks: SymlinkFollowMode.EXTERNAL }).stack);

  expect(text).toContain('contains "id_rsa", "lib/.env".');
  expect(toldIn(publish(directory, { followSymlinks: SymlinkFollowMode.NEVER }).stack)).toEqual([]);
});

describe('the search for such files', () => {
  test('never blocks on a pipe, and skips sockets', async () => {
    const directory = folderOf({ 'Dockerfile': DOCKERFILE, '.env': null, 'id_a': null, 'pipe.pem': null, 'a/.env': 'A=b' });
    const server = net.createServer();
    await new Promise<void>(resolve => server.listen(path.join(directory, 'id_b'), resolve));
    const read = (follow: SymlinkFollowMode) => readBuildContext(directory, { ignore: contextPatterns(newStack(), directory, { exclude: [], file: 'Dockerfile' }).ignore, follow });
    fs.symlinkSync('.env', path.join(directory, '.envrc'));
    fs.symlinkSync('id_b', path.join(directory, 'id_c'));

    expect(Object.values(SymlinkFollowMode).map(mode => read(mode).secretFiles)).toEqual(Array(4).fill(['a/.env']));
    expect(toldIn(publish(directory).stack).map(({ id }) => id)).toEqual(['secretFiles']);
    await new Promise(resolve => server.close(resolve));
  });

  test('reads only the beginning of a huge file', () => {
    const directory = folderOf({ 'Dockerfile': DOCKERFILE, 'big.pem': KEY, 'late.pem': `${'x'.repeat(100_000)}\n${KEY}` });
    // A sparse file: it uses no disk space.
    for (const file of ['big.pem', 'other.pem']) {
      const descriptor = fs.openSync(path.join(directory, file), 'a');
      fs.ftruncateSync(descriptor, 8 * 1024 ** 3);
      fs.closeSync(descriptor);
    }
    const began = performance.now();

    expect(readBuildContext(directory, { ignore: contextPatterns(newStack(), directory, { exclude: [], file: 'Dockerfile' }).ignore }).secretFiles).toEqual(['big.pem']);
    expect(performance.now() - began).toBeLessThan(2_000);
  });

  test('skips unreadable files, which CDK reports', () => {
    const directory = folderOf({ 'Dockerfile': DOCKERFILE, 'a.pem': KEY, 'b.pem': KEY, '.env': '', 'closed/.env': '' });
    for (const folder of [os.tmpdir(), directory]) fs.chmodSync(folder, 0o755);
    fs.chmodSync(path.join(directory, 'b.pem'), 0);
    fs.chmodSync(path.join(directory, 'closed'), 0);
    const { ignore } = contextPatterns(newStack(), directory, { exclude: [], file: 'Dockerfile' });
    const isRoot = process.geteuid?.() === 0;
    try {
      if (isRoot) process.seteuid?.(65534);
      expect(readBuildContext(directory, { ignore }).secretFiles).toEqual(['.env', 'a.pem']);
    } finally {
      if (isRoot) process.seteuid?.(0);
      fs.chmodSync(path.join(directory, 'closed'), 0o755);
    }
  });

  test('skips names that are not UTF-8', () => {
    const directory = folderOf({ 'Dockerfile': DOCKERFILE, '.env': '' });
    fs.writeFileSync(Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0xff, 0xfe]), Buffer.from('.pem')]), KEY);
    fs.mkdirSync(Buffer.concat([Buffer.from(`${directory}/`), Buffer.from([0xff])]));

    expect(readBuildContext(directory, { ignore: contextPatterns(newStack(), directory, { exclude: [], file: 'Dockerfile' }).ignore }).secretFiles).toEqual(['.env']);
  });

  test('finds exactly the files that CDK copies, whatever is ignored', () => {
    const names = ['a', 'b', '.git', '.env', 'deep'];
    const place = fc.array(fc.constantFrom(...names), { minLength: 0, maxLength: 2 }).map(parts => [...parts, '.envrc'].join('/'));
    const paths = fc.constantFrom('a', 'b', 'a/b', '*', '.env*', '.envrc', 'deep', 'a/**', '*/b', '# a');
    const pattern = fc.tuple(fc.constantFrom('', '!'), fc.constantFrom('', '**/', '/'), paths, fc.constantFrom('', '/')).map(parts => parts.join(''));
    const patterns = fc.array(pattern, { maxLength: 4 });

    fc.assert(fc.property(
      fc.uniqueArray(place, { minLength: 1, maxLength: 6 }), patterns, patterns, fc.constantFrom(undefined, ...Object.values(IgnoreMode)),
      (places, dockerignore, exclude, ignoreMode) => {
        const files = Object.fromEntries(places.map(each => [each, '']));
        const directory = folderOf({ 'Dockerfile': DOCKERFILE, ...files, '.dockerignore': dockerignore.join('\n') });
        const options = { exclude, ignoreMode };
        const { staged: [staged] } = publish(directory, options);
        const copied = Object.keys(treeOf(staged)).filter(each => each.endsWith('.envrc'));
        const { ignore } = contextPatterns(newStack(), directory, { file: 'Dockerfile', ...options });
        // Older versions of aws-cdk-lib hash these files, but do not copy them.
        const isLeftOut = (found: string) =>
          places.filter(each => each.startsWith(found)).every(each => ignore.completelyIgnores(path.join(directory, each)));
        const isCopied = (found: string) => copied.some(file => file.startsWith(found));
        const found = readBuildContext(directory, { ignore }).secretFiles.filter(each => isCopied(each) || !isLeftOut(each));
        expect(found).toEqual([...new Set(copied.map(each => /^(.*?\/)??\.git\//.exec(each)?.[0] ?? each))].sort());
      },
    ), runsOf(60));
  });
});
