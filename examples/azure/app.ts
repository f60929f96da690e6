import { App } from 'aws-cdk-lib';
import { AzureStack } from './azure-stack';

export const app = new App();
new AzureStack(app, 'Azure', {
  tenantId: app.node.tryGetContext('tenantId'),
  clientId: app.node.tryGetContext('clientId'),
  subscriptionId: app.node.tryGetContext('subscriptionId'),
});
