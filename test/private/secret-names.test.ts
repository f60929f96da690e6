import { containsSecret, isSecretName } from '../../src/private/secret-names';

test.each([
  'TOKEN', 'NPM_TOKEN', 'npm_token', 'npmToken', 'npm-token', 'npm.token', 'NPMTOKEN', 'GITHUB_TOKEN', 'TOKEN_FOR_NPM',
  'SECRET', 'CLIENT_SECRET', 'clientSecret', 'SECRETS', 'SECRET_KEY_BASE', 'PASSWORD', 'DB_PASSWORD', 'PGPASSWORD', 'DB_PASSWD', 'PASSPHRASE', 'DB_PASS', 'MYSQL_PWD',
  'API_KEY', 'APIKEY', 'apiKey', 'STRIPE_APIKEY', 'ACCESS_KEY', 'AWS_SECRET_ACCESS_KEY', 'AccessKey', 'PRIVATE_KEY', 'SSH_PRIVATE_KEY', 'PRIMARY_ACCESS_KEY',
  'CREDENTIAL', 'CREDENTIALS', 'GOOGLE_CREDENTIALS', 'AWS_CREDS', 'GITHUB_PAT', 'AZURE_DEVOPS_EXT_PAT',
  'PASSWORD2', 'DB_PASSWORD1', 'token2', 'TOKEN2_FOR_NPM', 'KEY1', 'PASSWORDS', 'API_KEYS', 'DBPASS', 'DBPWD', 'ENCRYPTIONKEY', 'signingkey', 'SSHKEY',
  'COMPOSER_AUTH', 'DOCKER_AUTH_CONFIG', 'NPM_AUTH', 'PUBLIC_KEY_PASSWORD',
])('%s counts as the name of a secret', name => {
  expect(isSecretName(name)).toBe(true);
});

test.each([
  'TOKENIZER', 'TOKENS', 'MAX_TOKENS', 'TOKEN_LIMIT', 'TOKEN_URL', 'TOKEN_TTL', 'KEYBOARD', 'MONKEY', 'KEYCLOAK_HOST', 'HOTKEY',
  'PUBLIC_KEY', 'publicKey', 'SSH_PUBLIC_KEY', 'NEXT_PUBLIC_API_KEY', 'STRIPE_PUBLISHABLE_KEY', 'CACHE_KEY', 'PARTITION_KEY', 'PRIMARY_KEY',
  'SECRET_ARN', 'SECRET_NAME', 'PASSWORD_FILE', 'PASSWORD_MIN_LENGTH', 'AWS_ACCESS_KEY_ID', 'SECRETARY', 'PWD', 'OLDPWD', 'BYPASS', 'PATH', 'PAT', 'FEEDBPASS',
  'PUBLIC_KEY2', 'CACHE_KEY_1', 'TOKEN_URL2', 'SHA256', 'AUTH', 'OAUTH', 'BASIC_AUTHOR', 'COMPASS', 'VERSION', '',
])('%s does not count as the name of a secret', name => {
  expect(isSecretName(name)).toBe(false);
});

test.each([
  '-----BEGIN PRIVATE KEY-----\nMIIE', 'x -----BEGIN RSA PRIVATE KEY-----', 'https://me:word@example.com', 'redis://:word@cache:6379/0', 'postgresql+psycopg://me:p%40ss@db/web',
  `ghp_${'a'.repeat(36)}`, `https://ghs_${'a'.repeat(36)}@github.com/team/web`, `glpat-${'a'.repeat(20)}`, `npm_${'a'.repeat(36)}`, `github_pat_${'a'.repeat(22)}`,
  '-----BEGIN PGP PRIVATE KEY BLOCK-----', 'Server=db;Password=hunter2;', 'DefaultEndpointsProtocol=https;AccountKey=abc==', `dckr_pat_${'a'.repeat(27)}`,
  `hf_${'a'.repeat(34)}`, `AIza${'a'.repeat(35)}`, `sk-ant-${'a'.repeat(20)}`, `rk_live_${'a'.repeat(16)}`, `pypi-AgE${'a'.repeat(20)}`, 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln',
])('a secret is found in %j', value => {
  expect(containsSecret(value)).toBe(true);
});

test.each([
  '', '1.2.3', '-----BEGIN PUBLIC KEY-----', '-----BEGIN CERTIFICATE-----', 'https://example.com:8443/a?b=c@d', 'ssh://git@github.com/team/web', 'git@github.com:team/web.git',
  'https://team@dev.azure.com/team/web', 'http://me:$PASSWORD@proxy', 'http://me:${PASSWORD}@proxy', 'docker-image://host:5000/web@sha256:abc', 'Server=db;Password=$PASSWORD', 'Password=;User=me', 'eyJ', 'risk-ant-hill', 'password reset=yes', 'npm_config_registry', 'ghp_short',
])('no secret is found in %j', value => {
  expect(containsSecret(value)).toBe(false);
});

test('long values are checked fast', () => {
  const began = performance.now();
  for (const part of ['a', ':', '://', '://a:', '-----BEGIN ', 'A ', 'ghp_', '@', '_TOKEN_', 'aA', 'eyJ', 'eyJa.', 'a'.repeat(9), ';', '; ', ';pwd ', 'A1', 'A1_', '1']) {
    containsSecret(part.repeat(100_000));
    isSecretName(part.repeat(10_000));
  }
  expect(performance.now() - began).toBeLessThan(3_000);
});
