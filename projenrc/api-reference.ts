import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

/** A reference per topic in docs/api. API.md is its index. */
export class ApiReference extends Component {
  constructor(project: NodeProject) {
    super(project);
    const api = project.addTask('api', {
      description: 'Write API.md and docs/api from the doc comments, after "npx projen compile"',
      exec: 'node projenrc/api-reference.mjs',
    });
    project.postCompileTask.spawn(api);
    project.gitattributes.addAttributes('/docs/api/*', 'linguist-generated');
    project.gitattributes.addAttributes('/API.md', 'linguist-generated');
  }
}
