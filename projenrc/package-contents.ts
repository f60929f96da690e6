import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

/** Keeps out of the npm package what a user of the constructs has no use for. */
export class PackageContents extends Component {
  constructor(project: NodeProject) {
    super(project);
    const development = [
      '/.ci/', '/.local-cloud/', '/.npmrc', '/bench/', '/docs/', '/examples/', '/integ/', '/local/', '/projenrc/',
      '/API.md', '/CHANGELOG.md', '/CODE_OF_CONDUCT.md', '/CONTRIBUTING.md', '/SECURITY.md', '.jsii.tabl.json', '/cdk.out/',
    ];
    // The handlers ship as bundles in assets/; their sources and the engine are not part of the public package, except the names of platforms.
    const handlerSources = ['/lib/engine/*', '/lib/custom-resource/', '/lib/**/handler/', '/lib/**/*.lambda.*'];
    for (const pattern of [...development, ...handlerSources]) {
      project.npmignore?.exclude(pattern);
    }
    project.npmignore?.include('/lib/engine/platforms.*');
  }
}
