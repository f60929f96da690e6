import type { RegistrySourceOptions } from '../image-source';
import { ImageSourceBinder } from '../image-source-config';
import { checkTokenHost } from '../registry-host';
import { fullReference } from '../registry-reference';

/** An image of any OCI registry. */
export function registrySource(reference: string, { credentials, tokenHost }: RegistrySourceOptions): ImageSourceBinder {
  return (scope, { reader }) => {
    const full = fullReference(scope, reference);
    checkTokenHost(scope, tokenHost);
    credentials?.grantRead(reader);
    return { reference: full, credentials, tokenHost, hasReferrers: true };
  };
}
