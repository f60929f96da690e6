import { App } from 'aws-cdk-lib';
import { FederationStack, GoogleStack } from './google-stacks';

export const app = new App();
new FederationStack(app, 'Federation');
new GoogleStack(app, 'Google');
