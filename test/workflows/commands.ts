/** What is different for a command of a workflow. */
export interface CommandChange {
  readonly note?: string;
  /** Why the command does not run. */
  readonly notRun?: string;
  readonly env?: Record<string, string>;
  /** Shell commands that run before it. */
  readonly before?: string;
  /** A text in the command, and what replaces it. */
  readonly replace?: readonly [string, string];
}

/** The services of `services.mjs`. */
export const SERVICES = '127.0.0.1:4873';

/** Values for the secrets of the workflows. None of them is valid anywhere. */
export const SECRETS = {
  NUGET_USERNAME: 'nuget-user',
  MAVEN_USERNAME: 'maven-user',
  MAVEN_PASSWORD: 'maven-password',
  // Replaced by the key that the step creates.
  MAVEN_GPG_PRIVATE_KEY: 'no-key',
  MAVEN_GPG_PRIVATE_KEY_PASSPHRASE: 'passphrase',
  GO_GITHUB_TOKEN: 'go-token',
};

const GPG_KEY = `export GNUPGHOME=$(mktemp -d)
gpg --batch --quiet --pinentry-mode loopback --passphrase "$MAVEN_GPG_PRIVATE_KEY_PASSPHRASE" --quick-generate-key release@example.com default default never
MAVEN_GPG_PRIVATE_KEY=$(gpg --batch --pinentry-mode loopback --passphrase "$MAVEN_GPG_PRIVATE_KEY_PASSPHRASE" --armor --export-secret-keys)
unset GNUPGHOME
`;

// pip also reads from pypi.org, so only the requests of curl are redirected.
const PYPI_TOKENS = `printf 'connect-to = pypi.org:443:127.0.0.1:443\\ncacert = /srv/authorities.pem\\n' > ~/.curlrc
`;

const GO_REPOSITORY = `git init --quiet --bare ~/go-module.git
printf '#!/bin/sh\\nsed "s/^/Go: /" >> /srv/published\\n' > ~/go-module.git/hooks/post-receive
chmod +x ~/go-module.git/hooks/post-receive
git config --global url."file://$HOME/go-module.git".insteadOf "https://$GITHUB_TOKEN@github.com/cdk-container-delivery/cdk-container-delivery-go.git"
`;

/** Commands that publish, or that cannot run here as they are. */
const CHANGES: readonly (CommandChange & { readonly command: RegExp })[] = [
  { command: /\bpublib-npm\b/, note: 'publishes to a registry on loopback, without provenance', env: { NPM_REGISTRY: SERVICES, DISABLE_HTTPS: 'true' } },
  {
    command: /\bpublib-pypi\b/,
    note: 'uploads to a service on loopback, without attestations',
    env: { REQUESTS_CA_BUNDLE: '/srv/authorities.pem', PYPI_DISABLE_ATTESTATIONS: 'true' },
    before: PYPI_TOKENS,
  },
  { command: /\bpublib-maven\b/, note: 'deploys to a staging service on loopback, signed with a new key', env: { MAVEN_ENDPOINT: `http://${SERVICES}/` }, before: GPG_KEY },
  { command: /\bpublib-golang\b/, note: 'pushes to a Git repository in the container', before: GO_REPOSITORY },
  { command: /\bpublib-nuget\b|--target dotnet\b/, notRun: 'needs the .NET SDK, which Debian does not have' },
  { command: /\bgh release create\b/, note: 'a stand-in for gh prints the release' },
  { command: /\bsoak:faults --minutes 30\b/, note: 'for one minute instead of 30', replace: ['--minutes 30', '--minutes 1'] },
];

// Words of commands that change something outside of the machine. They need an entry above.
const PUBLISHES = /\bpublib\b|\bpublish\b|\bpush\b|\bgh\b|\btwine\b|\bcurl\b|\baws\b|\bmvn deploy\b/;

/** What is different for this command. */
export function changeOf(command: string, place: string): CommandChange {
  const change = CHANGES.find(each => each.command.test(command));
  if (!change && PUBLISHES.test(command)) throw new Error(`${place}: the command "${command}" publishes something. Add it to test/workflows/commands.ts.`);
  return change ?? {};
}
