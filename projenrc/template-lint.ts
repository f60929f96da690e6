import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

/**
 * Checks the templates of the examples and one with every setting with cfn-lint. Checks the handlers, their permissions and the partitions against
 * the models of AWS.
 */
export class TemplateLint extends Component {
  constructor(project: NodeProject) {
    super(project);
    project.addTask('lint:templates', {
      description: 'What cfn-lint says about synthesized templates',
      // The validation of aws-cdk-lib takes seconds for each app.
      env: { CDK_VALIDATION: 'false' },
      exec: 'jest --ci --config test/templates/jest.json',
    });
    const bundled = project.addTask('contracts:bundled', {
      description: 'The contracts with AWS, after "npx projen bundle"',
      exec: 'jest --ci --config test/contracts/jest.json',
    });
    project.addTask('contracts', {
      description: 'The contracts with AWS: requests, enums, permissions, policies, partitions and event patterns',
      steps: [{ spawn: 'bundle' }, { spawn: bundled.name }],
    });
  }
}
