import * as path from 'path';
import { CfnOutput, Duration, Stack, StackProps } from 'aws-cdk-lib';
import { GoogleArtifactRepository, GoogleCleanupPolicy, GoogleIdentity, GoogleTagState, ImageRepository, OutboundIdentityFederation } from 'cdk-container-delivery';
import { Construct } from 'constructs';

/** Allows functions of the account to prove their role to other clouds. Deploy it first, and configure the issuer in Google Cloud. */
export class FederationStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);
    const federation = new OutboundIdentityFederation(this, 'Federation');
    new CfnOutput(this, 'Issuer', { value: federation.issuerUrl });
  }
}

/** Builds an image, creates a repository at Google, and publishes the image there without a password. */
export class GoogleStack extends Stack {
  constructor(scope: Construct, id: string, props: StackProps = {}) {
    super(scope, id, props);
    const image = new ImageRepository(this, 'Repository').buildAndPushImage(path.join(__dirname, 'app'));
    const google = new GoogleArtifactRepository(this, 'Images', {
      identity: GoogleIdentity.federated({
        projectNumber: '123456789012', poolId: 'aws-pool', providerId: 'aws-outbound', serviceAccountEmail: 'images@my-project.iam.gserviceaccount.com',
      }),
      project: 'my-project',
      location: 'europe-west1',
      repositoryId: 'images',
      cleanupPolicies: {
        deployed: GoogleCleanupPolicy.keepVersions({ tagPrefixes: ['live-'] }),
        untagged: GoogleCleanupPolicy.deleteVersions({ tagState: GoogleTagState.UNTAGGED, olderThan: Duration.days(30) }),
      },
    });
    new CfnOutput(this, 'Registry', { value: google.repositoryUri });
    new CfnOutput(this, 'Image', { value: image.publishTo(google, { name: 'web', tags: ['v1.0.0'] }) });
  }
}
