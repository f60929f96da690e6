import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

/** The library is developed on the oldest aws-cdk-lib that it supports; this runs the unit tests on the newest. */
export class NewestAwsCdk extends Component {
  constructor(project: NodeProject) {
    super(project);
    project.addTask('test:newest-cdk', {
      description: 'Unit tests of the last commit against the newest aws-cdk-lib, in a throw-away copy',
      exec: [
        'copy=$(mktemp -d)',
        'trap \'rm -rf "$copy"\' EXIT',
        'git archive HEAD | tar --extract --directory "$copy"',
        'cd "$copy"',
        'npm ci --no-audit --no-fund',
        'npm install --no-save --no-audit --no-fund aws-cdk-lib@latest',
        'npx projen bundle',
        'npx jest --ci',
      ].join(' && '),
    });
  }
}
