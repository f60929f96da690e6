import { isDeepStrictEqual } from 'node:util';
import { group, listenerArn } from './elb-cloud';
import { listenerProperties, ruleProperties, Told, TrafficScene } from './traffic-scene';

type Properties = Readonly<Record<string, unknown>>;

/** The properties of the service in a template. */
export interface Template {
  /** A change starts an ECS deployment. */
  readonly version: number;
  readonly strategy: 'shifting' | 'rolling';
  /** The listener of the rule, or the port of the listener. */
  readonly place: '80' | '443';
  /** A change of protocol, which replaces both target groups. */
  readonly protocol: 'a' | 'b';
  /** The route, or the certificate. */
  readonly setting: 'one' | 'two';
  readonly priority: number;
  readonly tag?: string;
}

export const FIRST: Template = { version: 1, strategy: 'shifting', place: '80', protocol: 'a', setting: 'one', priority: 10 };

/** The failures of a deployment. */
export interface Trouble {
  /** ECS rolls the deployment back after some steps of the shift. */
  readonly tasksFail?: boolean;
  /** Another resource fails after the service. */
  readonly laterFails?: boolean;
  /** Lambda delivers each event twice. */
  readonly twice?: boolean;
}

/** How a rule or listener is updated: by our handler, or with its actions each time, as CloudFormation does. */
export type Kind = 'rule' | 'listener' | 'rule of CloudFormation';

/** A stack with a service: CloudFormation and ECS in as few words as possible, the real handler, and the fake ELB. */
export class TrafficWorld {
  public readonly scene = new TrafficScene();
  public template?: Template;
  /** The moments at which clients would have reached a target group without targets. */
  public readonly outages: string[] = [];
  public readonly seen = new Set<string>();
  private arn = '';
  /** The service: its target groups, its rule or listener, and the location of its tasks. */
  private service?: { readonly groups: readonly string[]; readonly arn: string; readonly strategy: Template['strategy']; readonly version: number };
  private active = '';

  constructor(private readonly kind: Kind) {}

  /** Deploys a template. Returns the status of the stack. */
  public async deploy(template: Template, trouble: Trouble = {}): Promise<string> {
    const before = this.template;
    if (before !== undefined && isDeepStrictEqual(before, template)) return 'NO_CHANGE';
    // Another port with other target groups: clients of the earlier port keep the earlier tasks, but not in a rollback.
    if (before !== undefined && before.place !== template.place && before.protocol !== template.protocol) return 'NOT_MODELED';
    const [arn, tasks] = [this.arn, this.service];
    this.scene.stackStatus = 'UPDATE_IN_PROGRESS';
    const made = await this.send(template, before, trouble);
    if (made.Status === 'FAILED') return this.rollBack(template, before, { arn, reason: 'rule' }, trouble);
    this.arn = made.PhysicalResourceId;
    const isDeployed = this.updateService(template, this.arn, trouble.tasksFail === true && tasks !== undefined);
    if (!isDeployed || (trouble.laterFails && before !== undefined)) return this.rollBack(template, before, { arn, reason: 'later' }, trouble);
    this.template = template;
    if (before !== undefined) await this.cleanUp(before, arn);
    this.note('UPDATE_COMPLETE');
    return 'UPDATE_COMPLETE';
  }

  /** A deployment that is started outside of CloudFormation. */
  public forceDeployment(): void {
    if (this.service === undefined || this.template === undefined) return;
    this.runDeployment({ ...this.service, version: this.service.version }, false);
    this.note('forced');
  }

  private async rollBack(
    template: Template, before: Template | undefined, failed: { arn: string; reason: string }, trouble: Trouble,
  ): Promise<string> {
    if (before === undefined) throw new Error('the first deployment must work');
    this.scene.stackStatus = 'UPDATE_ROLLBACK_IN_PROGRESS';
    const current = this.arn;
    const back = await this.send(before, template, trouble);
    expect(back).toMatchObject({ Status: 'SUCCESS' });
    this.arn = back.PhysicalResourceId;
    this.updateService(before, this.arn, false);
    if (current !== this.arn) await this.remove(template, current);
    expect(this.arn).toBe(failed.arn);
    this.note(`rolled back: ${failed.reason}`);
    return 'UPDATE_ROLLBACK_COMPLETE';
  }

  private async send(template: Template, before: Template | undefined, { twice }: Trouble): Promise<Told> {
    if (this.kind === 'rule of CloudFormation' && this.arn !== '') this.scene.cloud.shift(this.arn, { [groupsOf(template)[0]]: 100, [groupsOf(template)[1]]: 0 });
    const event = before === undefined
      ? { RequestType: 'Create' as const, ResourceProperties: this.properties(template) }
      : {
        RequestType: 'Update' as const, PhysicalResourceId: this.arn,
        ResourceProperties: this.properties(template), OldResourceProperties: this.properties(before),
      };
    if (before !== undefined && isDeepStrictEqual(event.ResourceProperties, this.properties(before))) return { Status: 'SUCCESS', PhysicalResourceId: this.arn };
    const told = await this.scene.serve(event);
    if (twice) expect(await this.scene.serve(event)).toEqual(told);
    this.look(`${event.RequestType} of the ${this.kind}`);
    if (told.Status === 'FAILED') this.note(String(told.Reason).replace(/;.*/, ''));
    return told;
  }

  private async cleanUp(before: Template, arn: string): Promise<void> {
    if (arn !== this.arn) await this.remove(before, arn);
  }

  private async remove(template: Template, arn: string): Promise<void> {
    const told = await this.scene.serve({ RequestType: 'Delete', PhysicalResourceId: arn, ResourceProperties: this.properties(template) });
    expect(told.Status).toBe('SUCCESS');
    this.look('Delete');
    this.note('moved');
  }

  /** Starts a deployment if the service has changed. Returns whether it succeeded. */
  private updateService({ version, strategy, ...template }: Template, arn: string, fails: boolean): boolean {
    const wanted = { groups: groupsOf(template), arn: strategy === 'shifting' ? arn : '', strategy, version };
    if (isDeepStrictEqual(wanted, this.service)) return true;
    return this.runDeployment(wanted, fails);
  }

  private runDeployment(wanted: NonNullable<TrafficWorld['service']>, fails: boolean): boolean {
    const isDone = wanted.strategy === 'shifting' ? this.shift(wanted, fails) : this.roll(wanted, fails);
    if (isDone) this.service = wanted;
    this.look('end of the deployment');
    return isDone;
  }

  /** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html */
  private shift({ groups, arn }: NonNullable<TrafficWorld['service']>, fails: boolean): boolean {
    // The first deployment ends in the second target group too: https://github.com/go-to-k/cdk-real-drift/issues/1730
    const blue = groups.includes(this.active) ? this.active : groups[0];
    const green = groups.find(each => each !== blue) ?? '';
    const { cloud } = this.scene;
    cloud.targets.set(green, 2);
    this.look('scaling up');
    const weights = (share: number) => ({ [blue]: 100 - share, [green]: share });
    for (const share of [10, 100]) {
      cloud.shift(arn, weights(share));
      this.look(`shift to ${share} percent`, arn);
    }
    if (fails) {
      cloud.shift(arn, weights(0));
      cloud.targets.set(green, 0);
      this.note('tasks failed');
      return false;
    }
    if (this.active !== '') cloud.targets.set(this.active, 0);
    this.active = green;
    this.look('old tasks stopped', arn);
    return true;
  }

  private roll({ groups: [main] }: NonNullable<TrafficWorld['service']>, fails: boolean): boolean {
    const { cloud } = this.scene;
    cloud.targets.set(main, (cloud.targets.get(main) ?? 0) + 2);
    this.look('new tasks');
    if (fails) {
      cloud.targets.set(main, this.active === main ? 2 : 0);
      return false;
    }
    if (this.active !== main) cloud.targets.set(this.active, 0);
    cloud.targets.set(main, 2);
    this.active = main;
    this.note('rolled');
    return true;
  }

  /** Checks which tasks clients reach. After a change of the port, they use the new one as soon as ECS shifts it. */
  private look(when: string, arn = this.service?.arn !== '' ? this.service?.arn ?? '' : this.arn): void {
    if (this.active === '') return;
    const empty = Object.entries(this.scene.cloud.weights(arn)).filter(([name, weight]) => weight > 0 && !this.scene.cloud.targets.get(name));
    if (empty.length > 0) this.outages.push(`${when}: ${JSON.stringify(empty)}`);
  }

  private properties(template: Template): Properties {
    const { strategy, place, setting, priority, tag } = template;
    const common = {
      TargetGroups: groupsOf(template), Traffic: strategy === 'shifting' ? 'SHIFTS' : 'STAYS', ...tag !== undefined && { Tags: [{ Key: 'tag', Value: tag }] },
    };
    return this.kind === 'listener'
      ? listenerProperties({ ...common, Port: place, Certificate: `arn:aws:acm:eu-west-1:111122223333:certificate/${setting}` })
      : ruleProperties({
        ...common, ListenerArn: listenerArn(`l${place}`), Priority: String(priority), Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: [`/${setting}`] } }],
      });
  }

  private note(what: string): void {
    this.seen.add(what);
  }
}

function groupsOf({ protocol }: Pick<Template, 'protocol'>): string[] {
  return [group(`main-${protocol}`), group(`alternate-${protocol}`)];
}
