import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

/** `npx projen bench:synth`: the synthesis time of apps with this library, other constructs and plain L2s. */
export class SynthBenchmark extends Component {
  constructor(project: NodeProject) {
    super(project);
    project.addTask('bench:synth', {
      description: 'Measure the synthesis of apps with plain L2s, with peers and with this library; writes docs/synth-benchmark.md',
      env: { TSX_TSCONFIG_PATH: 'test/tsconfig.json' },
      steps: [
        // The library is measured as it is published: compiled.
        { spawn: project.preCompileTask.name },
        { spawn: project.compileTask.name },
        { exec: 'tsx bench/synth/main.ts', receiveArgs: true },
      ],
    });
  }
}
