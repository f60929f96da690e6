import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

/** Compares programs in Python, Java and Go with those in TypeScript. */
export class Languages extends Component {
  constructor(project: NodeProject) {
    super(project);
    const compiled = project.addTask('languages:compiled', {
      description: 'Programs in Python, Java and Go synthesize the templates of TypeScript, after "npx projen languages" or a build',
      exec: 'jest --ci --config test/languages/jest.json',
    });
    project.addTask('languages:names', {
      description: 'Names of structs, and docs/api, after a build',
      exec: 'jest --ci --config test/languages/jest.json names',
    });
    project.addTask('languages', {
      description: 'Packs the library for Python, Java and Go, builds examples with it, and compares their templates with those of TypeScript',
      steps: [{ spawn: 'bundle' }, { spawn: 'compile' }, { spawn: 'rosetta' }, { spawn: compiled.name }],
    });
    project.addGitIgnore('/.languages/');
    project.npmignore?.exclude('/.languages/');
  }
}
