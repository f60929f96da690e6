import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

/**
 * The names of the package in other languages.
 *
 * Written as metadata instead of with projen's `publishTo...` options, so that `projen build`
 * does not need the tool chains of all four languages.
 */
export class JsiiTargets extends Component {
  constructor(project: NodeProject) {
    super(project);
    const packageJson = project.tryFindObjectFile('package.json');
    packageJson?.addOverride('jsii.targets', {
      python: { distName: 'cdk-container-delivery', module: 'cdk_container_delivery' },
      java: {
        package: 'io.github.cdkcontainerdelivery',
        maven: { groupId: 'io.github.cdk-container-delivery', artifactId: 'cdk-container-delivery' },
      },
      go: { moduleName: 'github.com/cdk-container-delivery/cdk-container-delivery-go' },
      dotnet: { namespace: 'CdkContainerDelivery', packageId: 'CdkContainerDelivery' },
    });
  }
}
