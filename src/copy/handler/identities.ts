import { azureClientOf } from '../../azure/azure-client';
import { AzureCredentials } from '../../azure/handler/acr';
import { AwsDependencies } from '../../custom-resource/aws';
import { CredentialsProvider } from '../../engine/contract';
import { IdentityKind, IdentityText, parseIdentity } from '../../federation/identity-text';
import { GoogleCredentials, GoogleTokens } from '../../google/handler/google-tokens';

type Provider = (identity: IdentityText, dependencies: AwsDependencies) => CredentialsProvider;

const UNKNOWN = 'the property with the identity names none that is known here';

const azure: Provider = (identity, dependencies) => {
  const client = azureClientOf(identity);
  if (client === undefined) throw new Error(UNKNOWN);
  return new AzureCredentials(client, dependencies);
};

const google: Provider = (identity, dependencies) => new GoogleCredentials(new GoogleTokens(identity, dependencies));

/** The credentials provider for each kind of identity. */
const PROVIDERS: Readonly<Record<IdentityKind, Provider>> = {
  'azure': azure,
  'google': google,
  'google-aws': google,
};

/** The credentials of identities. Each provider lives as long as the process, so one token is used for many copies. */
export function identityProviders(dependencies: AwsDependencies): (text: string) => CredentialsProvider {
  const known = new Map<string, CredentialsProvider>();
  return text => {
    const identity = parseIdentity(text);
    if (identity === undefined || !Object.hasOwn(PROVIDERS, identity.kind)) throw new Error(UNKNOWN);
    const provider = known.get(text) ?? PROVIDERS[identity.kind as IdentityKind](identity, dependencies);
    known.set(text, provider);
    return provider;
  };
}
