import { parseAzureClient } from '../../azure/azure-client';
import { AzureCredentials } from '../../azure/handler/acr';
import { AwsSeams } from '../../custom-resource/aws';
import { Credentials, CredentialsProvider } from '../../engine/contract';
import { IdentityKind, IdentityText, formatIdentity, parseIdentity } from '../../federation/identity-text';
import { GoogleCredentials, GoogleTokens } from '../../google/handler/google-tokens';

type Provider = (identity: IdentityText, seams: AwsSeams) => CredentialsProvider;

const azure: Provider = ({ fields }, seams) => {
  const client = parseAzureClient(formatIdentity('azure', fields));
  if (client === undefined) throw new Error('the property with the identity names none of Azure');
  return new AzureCredentials(client, seams);
};

const google: Provider = (identity, seams) => new GoogleCredentials(new GoogleTokens(identity, seams));

/** The source of credentials of each kind of identity. */
const PROVIDERS: Readonly<Record<IdentityKind, Provider>> = {
  'azure': azure,
  'google': google,
  'google-aws': google,
};

/** Credentials of identities. Each provider lives as long as the process, so one token serves many copies. */
export function identityProviders(seams: AwsSeams): (text: string) => CredentialsProvider {
  const known = new Map<string, CredentialsProvider>();
  return text => {
    const identity = parseIdentity(text);
    const create = identity && Object.entries(PROVIDERS).find(([kind]) => kind === identity.kind)?.[1];
    if (identity === undefined || create === undefined) throw new Error('the property with the identity names none that is known here');
    const provider = known.get(text) ?? create(identity, seams);
    known.set(text, provider);
    return provider;
  };
}

/** Credentials of an identity for one exact host, and those of another provider for all others. */
export function identityForHost(host: string, identity: CredentialsProvider, others: CredentialsProvider): CredentialsProvider {
  return {
    credentialsFor: async (asked, rejected?: Credentials) => (asked === host ? identity : others).credentialsFor(asked, rejected),
  };
}
