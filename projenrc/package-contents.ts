import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

/** Keeps files out of the npm package that users of the constructs do not need. */
export class PackageContents extends Component {
  constructor(project: NodeProject) {
    super(project);
    const development = [
      '/.ci/', '/.local-cloud/', '/.npmrc', '/bench/', '/docs/', '/examples/', '/integ/', '/local/', '/projenrc/',
      '/API.md', '/CHANGELOG.md', '/CODE_OF_CONDUCT.md', '/CONTRIBUTING.md', '/SECURITY.md', '.jsii.tabl.json', '/cdk.out/',
    ];
    // The handlers and the command are in assets/ as bundles; their sources and the engine are not part of the public package, except the platform names.
    const handlerSources = ['/lib/engine/*', '/lib/custom-resource/', '/lib/migration-check/', '/lib/**/handler/', '/lib/**/*.lambda.*'];
    for (const pattern of [...development, ...handlerSources]) {
      project.npmignore?.exclude(pattern);
    }
    project.npmignore?.include('/lib/engine/platforms.*');
  }
}
