import { Duration } from 'aws-cdk-lib';

/** What may differ in the dashboard of a service. */
export interface ServiceDashboardOptions {
  /**
   * Its name in CloudWatch: 1 to 255 letters, digits, "-" or "_".
   *
   * @default - CloudFormation makes one
   */
  readonly dashboardName?: string;

  /**
   * How far back it looks when it is opened.
   *
   * @default Duration.hours(3)
   */
  readonly defaultInterval?: Duration;
}
