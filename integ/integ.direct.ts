import { IntegTest } from '@aws-cdk/integ-tests-alpha';
import { App } from 'aws-cdk-lib';
import { DirectPushSynthesizer } from 'cdk-container-delivery';
import { RepositoryStack, WebStack } from '../examples/direct/direct-stacks';

// The direct route. The snapshot is synthesized; the end-to-end test deploys the same stacks on a local cloud.
const app = new App({ defaultStackSynthesizer: new DirectPushSynthesizer() });
const repositories = new RepositoryStack(app, 'Repositories');
const web = new WebStack(app, 'Web', { repository: repositories.repository });
new IntegTest(app, 'Integ', { testCases: [repositories, web] });
