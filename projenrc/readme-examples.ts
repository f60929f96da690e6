import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

/** Compiles every TypeScript block of the README and of the API docs against the built library. */
export class ReadmeExamples extends Component {
  constructor(project: NodeProject) {
    super(project);
    const rosetta = project.addTask('rosetta', {
      description: 'Compile the examples of README and doc comments',
      exec: 'jsii-rosetta extract --compile --strict .',
    });
    project.postCompileTask.spawn(rosetta);
    project.addGitIgnore('.jsii.tabl.json');
  }
}
