import { App } from 'aws-cdk-lib';
import { AzureStack, FederationStack } from './azure-stack';

export const app = new App();
const federation = new FederationStack(app, 'Federation');
const azure = new AzureStack(app, 'Azure', {
  tenantId: app.node.tryGetContext('tenantId'),
  clientId: app.node.tryGetContext('clientId'),
  subscriptionId: app.node.tryGetContext('subscriptionId'),
});
azure.addStackDependency(federation);
