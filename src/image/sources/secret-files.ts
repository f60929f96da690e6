import * as fs from 'fs';

// Directories that are reported as a whole. A Git directory contains everything that was ever committed, and its configuration
// may contain a token.
const DIRECTORY = /\/(\.(git|hg|svn|terraform)|\.aws\/(sso|cli)\/cache|\.config\/gcloud)\//;

/** A kind of file that often holds a secret. */
interface SecretKind {
  /** Matches the path in the context, which begins with a slash here. */
  readonly path: RegExp;
  /** Matches the beginning of a file with a secret in it. @default - the path is enough */
  readonly content?: RegExp;
  /** Matches the paths of samples and other harmless files. @default - none */
  readonly except?: RegExp;
}

// A key may follow a chain of certificates.
const BYTES_TO_READ = 64 * 1024;

const PRIVATE_KEY = /-----BEGIN ([A-Z0-9]+ )*PRIVATE KEY( BLOCK)?-----|^PuTTY-User-Key-File-/m;

// A value other than the name of a variable, as in `_authToken=${NPM_TOKEN}`.
const VALUE = '[ \\t]*["\']?(?![ \\t"\']|\\$|<?%)\\S';

const SAMPLE = /(^|[/._-])(example|sample|template|tpl|dist|defaults?|schema|vault)([._-][^/]+)?$/i;

const KINDS: readonly SecretKind[] = [
  // Environment files.
  { path: /\/\.env([._-][^/]+|~)?$/i, except: SAMPLE },
  { path: /\/(\.envrc|\.dev\.vars|\.streamlit\/secrets\.toml)$/ },
  { path: /\/[^/]+\.env$/i, content: new RegExp(`^[ \\t]*(export[ \\t]+)?\\w{0,80}(SECRET|PASSWORD|PASSWD|TOKEN|API_?KEY|ACCESS_KEY)\\w{0,80}[ \\t]*=${VALUE}`, 'im'), except: SAMPLE },

  // Private keys.
  { path: /\/id_(rsa|dsa|ecdsa|ecdsa_sk|ed25519|ed25519_sk)$/ },
  { path: /\/id_[^/]+$/, content: PRIVATE_KEY },
  { path: /\/[^/]+\.(pem|key|ppk|asc|gpg|pk8|p8|ovpn)$/i, content: PRIVATE_KEY },
  { path: /\/[^/]+\.(p12|pfx|jks|keystore|kdbx)$/i, except: /\/[^/]*(trust|cacerts|debug)[^/]*\.(jks|keystore)$/i },
  { path: /\/config\/(master|credentials\/[^/]+)\.key$/ },
  { path: /\/\.ssh\/[^/]+$/, except: /\/(known_hosts|authorized_keys|config|environment|[^/]*\.pub)(\.old)?$/ },

  // Package managers.
  { path: /\/\.npmrc$/, content: new RegExp(`^[^#;\\n]*(_authToken|_password|_auth)[ \\t]*=${VALUE}`, 'm') },
  { path: /\/\.yarnrc\.yml$/, content: new RegExp(`^[ \\t]*npmAuth(Token|Ident):${VALUE}`, 'm') },
  { path: /\/\.pypirc$/, content: new RegExp(`^[ \\t]*password[ \\t]*[=:]${VALUE}`, 'm') },
  { path: /\/pip\.(conf|ini)$/, content: /:\/\/[^/\s:@]*:(?!\$)[^/\s@]+@/ },
  { path: /\/(\.m2|\.mvn)\/settings\.xml$/, content: /<(password|passphrase)>\s*(?!\$)[^<\s]/ },
  { path: /\/(\.gem|\.cargo)\/credentials(\.toml)?$/ },
  { path: /\/nuget\.config$/i, content: /ClearTextPassword["']\s+value=["'](?!%)[^"']/i },
  { path: /\/\.composer\/auth\.json$/ },

  // Hosts, registries and databases.
  { path: /\/(\.git-credentials|\.config\/git\/credentials)$/ },
  { path: /\/[._]netrc$/, content: new RegExp(`(^|\\s)password\\s${VALUE}`) },
  { path: /\/\.docker\/config\.json$|\/\.dockercfg$/, content: /"(auth|password|identitytoken|registrytoken)"\s*:\s*"[^"]/ },
  { path: /\/\.(pgpass|htpasswd|vault-token|s3cfg|boto)$/ },
  { path: /\/\.my\.cnf$/, content: new RegExp(`^[ \\t]*password[ \\t]*=${VALUE}`, 'm') },

  // Clouds and their tools.
  { path: /\/\.aws\/credentials$/ },
  { path: /\/\.aws\/config$/, content: new RegExp(`^[ \\t]*aws_(secret_access_key|session_token)[ \\t]*=${VALUE}`, 'm') },
  { path: /\/\.azure\/(accessTokens|msal_token_cache|service_principal_entries)[^/]*$/ },
  { path: /\/\.config\/gh\/hosts\.yml$/, content: new RegExp(`oauth_token:${VALUE}`) },
  {
    path: /\/[^/]*(service[-_]?account|credentials|client[-_]secret|adminsdk|gcp[-_]key)[^/]*\.json$/i,
    content: /"type"\s*:\s*"service_account"|"(private_key|refresh_token|client_secret)"\s*:\s*"[^"]/,
  },
  { path: /\/\.kube\/config$/ },
  { path: /\/kubeconfig$|\.kubeconfig$/, content: new RegExp(`^[ \\t]*(client-key-data|token|password):${VALUE}`, 'm') },
  { path: /\/[^/]+\.tfstate(\.[^/]+)?$/ },
  { path: /\/(\.terraformrc|credentials\.tfrc\.json)$/, content: new RegExp(`token"?[ \\t]*[=:]${VALUE}`) },
];

// One expression for all kinds: most files match none of them.
const ANY_KIND = new RegExp(KINDS.map(({ path }) => path.source).join('|'), 'i');

// Installed packages are public. Many of them contain keys for their own tests.
const PUBLISHED = /\/(node_modules|site-packages)\//;

/** A file that may hold a secret, judged by its name. */
export interface Suspect {
  /** The path to report: that of the file, or of the directory around it that is reported as a whole. */
  readonly path: string;
  /** Whether the content of the file confirms it. */
  readonly isConfirmed: (file: string) => boolean;
}

/**
 * Returns a file as a suspect if files with its name often hold a secret.
 *
 * @param place its path in the context, with slashes
 */
export function suspectOf(place: string): Suspect | undefined {
  const full = `/${place}`;
  if (PUBLISHED.test(full)) return undefined;
  const directory = DIRECTORY.exec(full);
  if (directory) return { path: full.slice(1, directory.index + directory[0].length), isConfirmed: () => true };
  if (!ANY_KIND.test(full)) return undefined;
  const kinds = KINDS.filter(({ path, except }) => path.test(full) && !except?.test(full));
  return kinds.length === 0 ? undefined : { path: place, isConfirmed: file => isConfirmed(kinds, file) };
}

function isConfirmed(kinds: readonly SecretKind[], file: string): boolean {
  if (kinds.some(({ content }) => content === undefined)) return true;
  const beginning = beginningOf(file);
  return kinds.some(({ content }) => beginning !== undefined && content?.test(beginning));
}

/** The first bytes of a file; undefined if it cannot be read: CDK reads the file too, and reports the error. */
function beginningOf(file: string): string | undefined {
  try {
    // Opens for reading, and does not wait for a writer if the file has become a pipe.
    const descriptor = fs.openSync(file, fs.constants.O_NONBLOCK);
    try {
      const buffer = Buffer.alloc(BYTES_TO_READ);
      return buffer.toString('utf8', 0, fs.readSync(descriptor, buffer, 0, BYTES_TO_READ, 0));
    } finally {
      fs.closeSync(descriptor);
    }
  } catch {
    return undefined;
  }
}
