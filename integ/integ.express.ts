import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App } from 'aws-cdk-lib';
import { ExpressStack } from '../examples/express/express-stack';

// ECS Express Mode with a sidecar. The snapshot is synthesized; no local cloud has Express Mode.
const app = new App();
new IntegTest(app, 'Integ', { testCases: [new ExpressStack(app, 'Express')] });
