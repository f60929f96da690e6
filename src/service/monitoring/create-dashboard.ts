import { Duration, Stack, Token } from 'aws-cdk-lib';
import { CfnDashboard, Dashboard, IWidget } from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import { ServiceDashboardOptions } from './service-dashboard-options';
import { checkObject, hasMethods } from '../../private/check-types';
import { checkPattern, reject } from '../../private/validation';

/** A dashboard with these widgets. */
export function createDashboard(scope: Construct, options: ServiceDashboardOptions, widgets: IWidget[]): Dashboard {
  checkObject(scope, 'options', options);
  const { dashboardName, defaultInterval = Duration.hours(3) } = options;
  if (dashboardName !== undefined) {
    checkPattern(scope, {
      property: 'dashboardName', value: dashboardName, pattern: /^[A-Za-z0-9_-]{1,255}$/,
      must: 'have 1 to 255 letters, digits, "-" or "_"', fix: 'Choose a name such as "web", or leave it out.',
    });
    checkNew(scope, dashboardName);
  }
  if (!hasMethods(defaultInterval, 'toIsoString')) {
    reject(scope, { property: 'defaultInterval', must: 'be a Duration', got: defaultInterval, fix: 'Give e.g. Duration.hours(3), or leave it out.' });
  }
  return new Dashboard(scope, 'Dashboard', { dashboardName, defaultInterval, widgets: [widgets] });
}

/** Of two dashboards of one name CloudFormation makes the first, and fails with the second. */
function checkNew(scope: Construct, dashboardName: string): void {
  const taken = Stack.of(scope).node.findAll().find(each => each instanceof CfnDashboard && each.dashboardName === dashboardName);
  if (taken !== undefined && !Token.isUnresolved(dashboardName)) {
    reject(scope, {
      property: 'dashboardName', must: `differ from that of ${taken.node.scope?.node.path}`, got: dashboardName, fix: 'Choose another, or leave it out.',
    });
  }
}
