import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App } from 'aws-cdk-lib';
import { RemoteStack } from '../examples/remote/remote-stack';

// A remote build. The snapshot is synthesized; the end-to-end test runs the commands of the build with BuildKit on a local cloud.
const app = new App();
new IntegTest(app, 'Integ', { testCases: [new RemoteStack(app, 'Remote')] });
