import { CfnElement, Stack } from 'aws-cdk-lib';
import { CfnAlarm, CfnCompositeAlarm, IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnService } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { checkValue, ListRule } from '../../private/shape';
import { waitsFor } from '../../private/template/template-dependencies';
import { reject } from '../../private/validation';

// During the search for dependencies on a service, each service lists the plain names of its alarms. Otherwise, the search would never end for two
// services that roll back on each other's alarms.
let isSearching = false;

const FIX = 'Use a list of alarms, e.g. [new cloudwatch.Alarm(…)], or leave it out.';

/** A list of CloudWatch alarms. */
export const ALARMS: ListRule = {
  kind: 'list', min: 1, fix: FIX, of: { kind: 'instance', same: ['region', 'account'], properties: ['alarmName'], must: 'be a CloudWatch alarm', fix: FIX },
};

/** The alarms that roll back deployments of one service. Alarms can be added after the service is created. */
export class DeploymentAlarms {
  private readonly alarms: IAlarm[] = [];

  constructor(private readonly scope: IConstruct) {}

  /** Adds at least one alarm. */
  public add(property: string, alarms: IAlarm[]): void {
    checkValue(this.scope, property, alarms, { ...ALARMS, required: true });
    alarms.forEach(({ alarmName }, index) => checkValue(this.scope, `${property}[${index}].alarmName`, alarmName, {
      kind: 'text', pattern: /^[^]{1,255}$/, must: 'have 1 to 255 characters', fix: 'Import the alarm by its name.',
    }));
    this.alarms.push(...alarms);
  }

  /** Renders the alarms at synthesis, together with those that the L2 already has. */
  public render(service: CfnService, others?: CfnService.DeploymentAlarmsProperty): CfnService.DeploymentAlarmsProperty | undefined {
    if (this.alarms.length === 0) {
      return others;
    }
    const names = [...this.alarms.map(alarm => this.nameOf(alarm, service)), ...others?.enable ? others.alarmNames : []];
    return { alarmNames: [...new Set(names)], enable: true, rollback: true };
  }

  /** A reference to the alarm, so that CloudFormation creates it first. If the alarm depends on the service, its plain name. */
  private nameOf(alarm: IAlarm, service: CfnService): string {
    const own = alarm.node.defaultChild;
    if (!(own instanceof CfnAlarm || own instanceof CfnCompositeAlarm)) {
      return alarm.alarmName;
    }
    const elsewhere = Stack.of(own) !== Stack.of(service);
    if (!elsewhere && (isSearching || !dependsOn(own, service))) {
      return alarm.alarmName;
    }
    // Resolved, because the L2 returns a token if there is no name.
    const name = Stack.of(own).resolve(own.alarmName);
    if (typeof name === 'string' || (name !== undefined && !elsewhere)) {
      return name;
    }
    return elsewhere ? alarm.alarmName : reject(this.scope, {
      property: 'deployment.alarms',
      must: 'have an alarmName if the alarm depends on the service, because each would otherwise wait for the other',
      got: alarm.node.path,
      fix: `Set one: new Alarm(this, '${alarm.node.id}', { alarmName: 'my-service-${alarm.node.id.toLowerCase()}', … }).`,
    });
  }
}

/** Whether CloudFormation creates the element after the service. */
function dependsOn(element: CfnElement, service: CfnService): boolean {
  isSearching = true;
  try {
    return waitsFor(element, service) !== undefined;
  } finally {
    isSearching = false;
  }
}
