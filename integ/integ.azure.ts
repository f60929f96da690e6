import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App } from 'aws-cdk-lib';
import { AzureStack, FederationStack } from '../examples/azure/azure-stack';

// A registry in Azure. The snapshot is synthesized; the end-to-end test deploys it to a local cloud with a fake Azure.
const app = new App();
new IntegTest(app, 'Integ', { testCases: [new FederationStack(app, 'Federation'), new AzureStack(app, 'Azure')] });
