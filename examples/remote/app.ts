import { App } from 'aws-cdk-lib';
import { RemoteStack } from './remote-stack';

export const app = new App();
new RemoteStack(app, 'Remote', { app: app.node.tryGetContext('app') });
