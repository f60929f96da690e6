import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

/** Has cfn-lint look at the templates of the examples, and at one with every setting. */
export class TemplateLint extends Component {
  constructor(project: NodeProject) {
    super(project);
    project.addTask('lint:templates', {
      description: 'What cfn-lint says about synthesized templates',
      exec: 'jest --ci --config test/templates/jest.json',
    });
  }
}
