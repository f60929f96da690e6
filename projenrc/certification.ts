import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

/** Compares the simulated registry with Docker's own one, and copies images between real ones. */
export class Certification extends Component {
  constructor(project: NodeProject) {
    super(project);
    project.addTask('certify', {
      description: 'The simulated registry and the copy against real registries',
      exec: 'jest --ci --config test/certify/jest.json',
    });
  }
}
