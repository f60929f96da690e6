import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

/** Keeps the hash of every package in package-lock.json, and the addresses of registries out of it. */
export class LockFile extends Component {
  constructor(project: NodeProject) {
    super(project);
    // Lock files without download addresses stay valid behind any registry mirror.
    project.npmrc.addConfig('omit-lockfile-registry-resolved', 'true');
    // `npx projen` runs `npm install`, which can drop hashes. The step after it reports that.
    project.defaultTask?.exec('node projenrc/check-lock.mjs');
  }
}
