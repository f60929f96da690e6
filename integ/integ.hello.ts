import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App } from 'aws-cdk-lib';
import { HelloStack } from '../examples/hello/hello-stack';

// The quick start. The snapshot is synthesized; the end-to-end test deploys the same stack on a local cloud.
const app = new App();
new IntegTest(app, 'Integ', { testCases: [new HelloStack(app, 'Hello')] });
