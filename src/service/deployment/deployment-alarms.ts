import { CfnElement, Stack, Token } from 'aws-cdk-lib';
import { CfnAlarm, CfnCompositeAlarm, IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnService } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { checkList, isObject } from '../../private/check-types';
import { reject } from '../../private/validation';
import { waitsFor } from '../../private/waits-for';

// While it is looked for what waits for a service, each one names all of its alarms: two may go back on those of each other.
let isLooking = false;

const FIX = 'Give alarms, e.g. new cloudwatch.Alarm(…), or leave it out.';

/** The alarms that send the deployments of one service back: some known when it is made, others added when it exists. */
export class DeploymentAlarms {
  private readonly alarms: IAlarm[] = [];

  constructor(private readonly scope: IConstruct) {}

  /** At least one more. */
  public add(property: string, alarms: IAlarm[]): void {
    checkList(this.scope, property, alarms, FIX);
    if (alarms.length === 0) {
      reject(this.scope, { property, must: 'have at least one alarm', got: alarms, fix: FIX });
    }
    for (const alarm of alarms) {
      if (!isObject(alarm) || typeof alarm.alarmName !== 'string') {
        reject(this.scope, { property, must: 'be alarms of CloudWatch', got: alarm, fix: FIX });
      }
      if (!Token.isUnresolved(alarm.alarmName) && (alarm.alarmName === '' || alarm.alarmName.length > 255)) {
        reject(this.scope, { property, must: 'have names of 1 to 255 characters', got: alarm.alarmName, fix: 'Import the alarm by its name.' });
      }
    }
    this.alarms.push(...alarms);
  }

  /** What the service says at synthesis, together with what the L2 has been told. */
  public render(service: CfnService, others?: CfnService.DeploymentAlarmsProperty): CfnService.DeploymentAlarmsProperty | undefined {
    if (this.alarms.length === 0) {
      return others;
    }
    const names = [...this.alarms.map(alarm => this.nameOf(alarm, service)), ...others?.enable ? others.alarmNames : []];
    return { alarmNames: [...new Set(names)], enable: true, rollback: true };
  }

  /** A reference, by which the alarm is there first; but the mere name where the service has to be. */
  private nameOf(alarm: IAlarm, service: CfnService): string {
    const own = alarm.node.defaultChild;
    if (!(own instanceof CfnAlarm || own instanceof CfnCompositeAlarm)) {
      return alarm.alarmName;
    }
    const elsewhere = Stack.of(own) !== Stack.of(service);
    if (!elsewhere && (isLooking || !isAfter(own, service))) {
      return alarm.alarmName;
    }
    // Resolved, because the L2 gives a token where it has no name.
    const name = Stack.of(own).resolve(own.alarmName);
    if (typeof name === 'string' || (name !== undefined && !elsewhere)) {
      return name;
    }
    return elsewhere ? alarm.alarmName : reject(this.scope, {
      property: 'deployment.alarms',
      must: 'have names of their own where they watch the service itself or one that goes back on its alarms, because each would else wait for the other',
      got: alarm.node.path,
      fix: `Give it one: new Alarm(this, '${alarm.node.id}', { alarmName: 'my-service-${alarm.node.id.toLowerCase()}', … }).`,
    });
  }
}

/** Whether CloudFormation can only create it after the service. */
function isAfter(element: CfnElement, service: CfnService): boolean {
  isLooking = true;
  try {
    return waitsFor(element, service) !== undefined;
  } finally {
    isLooking = false;
  }
}
