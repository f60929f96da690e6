import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

/** The library is developed on the oldest aws-cdk-lib that it supports; this runs the unit tests on the newest. */
export class NewestAwsCdk extends Component {
  constructor(project: NodeProject) {
    super(project);
    project.addTask('test:newest-cdk', {
      description: 'Unit tests of the last commit against the newest aws-cdk-lib, in a throw-away copy',
      exec: 'bash projenrc/newest-aws-cdk.sh',
    });
  }
}
