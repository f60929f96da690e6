const SECRET = /(^|_)(SECRETS?|PASSWORDS?|PASSWD|PASSPHRASE|TOKEN|KEY|API_KEYS|APIKEY|CREDENTIALS?|CREDS|(COMPOSER|NPM|DOCKER|REGISTRY|BASIC)_AUTH)(_|$)|_(PASS|PWD|PAT)$|(^|_)DB(PASS|PWD)$/;

// Names in which the words run together, e.g. NPMTOKEN. KEY alone is also the end of MONKEY and HOTKEY.
const ENDS_SECRET = /(SECRET|PASSWORD|PASSWD|PASSPHRASE|TOKEN|CREDENTIALS?|(API|ACCESS|PRIVATE|SECRET|AUTH|ENCRYPTION|SIGNING|SSH|ACCOUNT)KEY)$/;

// Suffixes of names whose values describe a secret or its location.
const ABOUT_SECRET = /_(ARN|ID|NAME|URL|URI|ENDPOINT|HOST|FILE|PATH|DIR|PREFIX|REGION|ALIAS|TTL|EXPIRY|LENGTH|SIZE|TYPE|HEADER|ENABLED|COUNT|LIMIT|POLICY|VERSION|FORMAT|ISSUER|AUDIENCE|ALGORITHM|TIMEOUT)$/;

// Keys that are public or not secret.
const HARMLESS_KEY = /(^|_)((PUBLIC|PUBLISHABLE)_([A-Z0-9]+_)?|CACHE_|SORT_|PARTITION_|PRIMARY_|FOREIGN_|ROUTING_|OBJECT_)KEY(?=_|$)/g;

/** Whether a name looks like that of a secret: `NPM_TOKEN`, `npmToken` and `npm-token`, but not `TOKENIZER`, `MAX_TOKENS` or `TOKEN_URL`. */
export function isSecretName(name: string): boolean {
  const upper = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').replace(/[^A-Za-z0-9]+/g, '_').toUpperCase();
  // PASSWORD2 is a password too.
  const words = upper.replace(/(?<=[A-Z])\d+(?=_|$)/g, '').replace(HARMLESS_KEY, '_');
  return (SECRET.test(words) || ENDS_SECRET.test(words)) && !ABOUT_SECRET.test(words);
}

const SECRET_VALUES = [
  /-----BEGIN [A-Z ]*PRIVATE KEY( BLOCK)?-----/,
  // A URL with a user and a password. A password that starts with "$" is the name of a variable.
  /:\/\/[^/\s:@]*:(?!\$)[^/\s@?#]+@/,
  // A connection string.
  /(^|;)\s*(Password|Pwd|AccountKey|SharedAccessKey)\s*=\s*[^\s;$]/i,
  // Tokens of GitHub, GitLab, npm, Slack, Stripe, Docker Hub, PyPI, Hugging Face and Google have a prefix that scanners look for.
  /\b(gh[oprsu]_[A-Za-z0-9]{36}|github_pat_\w{22}|glpat-[\w-]{20}|npm_[A-Za-z0-9]{36}|xox[abprs]-[\w-]{10}|[rs]k_live_[A-Za-z0-9]{16})/,
  /\b(dckr_pat_[\w-]{20}|pypi-AgE[\w-]{20}|hf_[A-Za-z0-9]{34}|AIza[\w-]{35}|sk-(ant|proj)-[\w-]{20})/,
  // A JSON web token.
  /\beyJ[\w-]{10,4096}\.eyJ[\w-]{10}/,
];

/** Whether a text contains a private key, a URL with a password, or a token of a known form. */
export function containsSecret(value: string): boolean {
  return SECRET_VALUES.some(pattern => pattern.test(value));
}
