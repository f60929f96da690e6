import { App } from 'aws-cdk-lib';
import { HelloStack } from './hello-stack';

export const app = new App();
new HelloStack(app, 'Hello', { app: app.node.tryGetContext('app') });
