import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

/** Lists of Python packages with exact versions and hashes, each generated from a `requirements.in` next to it. */
const LISTS = ['local/codebuild/requirements', 'local/requirements', 'test/templates/requirements'];

export class PythonRequirements extends Component {
  constructor(project: NodeProject) {
    super(project);
    const task = project.addTask('deps:python', {
      description: 'Write the requirements.txt files with hashes again, after a change of a requirements.in (needs uv; --upgrade for newer versions)',
    });
    for (const list of LISTS) {
      // One list for all platforms and for each Python that `local/python.ts` accepts. The installer takes only wheels.
      task.exec([
        'uv pip compile --universal --python-version 3.10 --no-python-downloads --only-binary :all: --generate-hashes',
        `--no-annotate --custom-compile-command "npx projen ${task.name}" ${list}.in --output-file ${list}.txt`,
      ].join(' '), { receiveArgs: true });
    }
  }
}
