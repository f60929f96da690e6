import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

/** A reference per topic in docs/api, instead of one API.md with everything. */
export class ApiReference extends Component {
  constructor(project: NodeProject) {
    super(project);
    const api = project.addTask('api', {
      description: 'Write docs/api from the doc comments, after "npx projen compile"',
      exec: 'node projenrc/api-reference.mjs',
    });
    project.postCompileTask.spawn(api);
    project.gitattributes.addAttributes('/docs/api/*', 'linguist-generated');
  }
}
