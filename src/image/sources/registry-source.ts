import { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { ImageSourceBinder } from '../image-source-config';
import { fullReference } from '../registry-reference';

/** An image of any OCI registry. */
export function registrySource(reference: string, credentials?: ISecret): ImageSourceBinder {
  return (scope, { reader }) => {
    const full = fullReference(scope, reference);
    credentials?.grantRead(reader);
    return { reference: full, credentials, hasReferrers: true };
  };
}
