import { App, CfnOutput, CfnResource, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { GoogleArtifactRepository, GoogleIdentity, ImageRepository, ImageSource, OutboundIdentityFederation } from 'cdk-container-delivery';

// Federation, a Google repository, and an image that is built, published and mirrored back. The context chooses the settings.
const app = new App();
const text = (key: string): string | undefined => app.node.tryGetContext(key);
const stack = new Stack(app, 'Google');
const { issuerUrl } = new OutboundIdentityFederation(stack, 'Federation');
new CfnOutput(stack, 'Issuer', { value: issuerUrl });

const options = { projectNumber: '123456789012', poolId: 'aws-pool', providerId: 'aws-outbound', serviceAccountEmail: 'images@my-project.iam.gserviceaccount.com' };
const identity = text('provider') === 'aws' ? GoogleIdentity.awsProvider(options) : GoogleIdentity.federated(options);
const google = new GoogleArtifactRepository(stack, 'Images', {
  identity, project: 'my-project', location: 'europe-west1', repositoryId: text('repository') ?? 'images', description: text('description'), labels: { team: 'shop' },
  removalPolicy: text('removal') === 'retain' ? RemovalPolicy.RETAIN : RemovalPolicy.DESTROY, emptyOnDelete: text('empty') === 'true' ? true : undefined,
});
new CfnOutput(stack, 'Uri', { value: google.repositoryUri });

const repository = new ImageRepository(stack, 'Repository', { repositoryName: 'google/web', removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true });
const image = repository.buildAndPushImage(app.node.getContext('app'));
new CfnOutput(stack, 'Published', { value: image.publishTo(google, { name: 'myapp', tags: [text('tag') ?? 'v1.0.0'] }) });
if (text('mirror')) {
  const mirrored = repository.publish('mirrored', ImageSource.registry(`europe-west1-docker.pkg.dev/my-project/images/myapp:${text('mirror')}`, { identity }));
  new CfnOutput(stack, 'Mirrored', { value: mirrored.imageUri });
}
if (text('breaks')) {
  // A resource that fails after everything else has been created.
  const broken = new CfnResource(stack, 'Broken', { type: 'Custom::Broken', properties: { ServiceToken: 'arn:aws:lambda:us-east-1:123456789012:function:none' } });
  broken.node.addDependency(google, image.repository);
}
