import { App } from 'aws-cdk-lib';
import { ExpressStack } from './express-stack';

export const app = new App();
new ExpressStack(app, 'Express', { app: app.node.tryGetContext('app') });
