import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App } from 'aws-cdk-lib';
import { FederationStack, GoogleStack } from '../examples/google/google-stacks';

// A Google repository. The snapshot is synthesized; the end-to-end test deploys the same constructs on a local cloud with a fake Google.
const app = new App();
const federation = new FederationStack(app, 'Federation');
const google = new GoogleStack(app, 'Google');
new IntegTest(app, 'Integ', { testCases: [federation, google] });
