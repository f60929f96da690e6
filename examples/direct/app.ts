import { App } from 'aws-cdk-lib';
import { DirectPushSynthesizer } from 'cdk-container-delivery';
import { RepositoryStack, WebStack } from './direct-stacks';

export const app = new App({ defaultStackSynthesizer: new DirectPushSynthesizer() });
const { repository } = new RepositoryStack(app, 'Repositories');
new WebStack(app, 'Web', { repository, app: app.node.tryGetContext('app') });
