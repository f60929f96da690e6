import { Duration } from 'aws-cdk-lib';
import { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IConstruct } from 'constructs';
import { checkSeconds } from '../../../private/check-duration';
import { checkPattern } from '../../../private/validation';
import { secondsText } from '../load-balancer/seconds';

/**
 * What keeps a client at one task.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#sticky-sessions
 */
export class Stickiness {
  /**
   * A cookie that the load balancer sets.
   *
   * @param duration how long a client stays, a second to a week; a day when it is left out
   */
  public static loadBalancerCookie(duration: Duration = Duration.days(1)): Stickiness {
    return new Stickiness('lb_cookie', duration);
  }

  /**
   * A cookie that the application sets: whoever has it stays.
   *
   * @param cookieName its name; none that begins with AWSALB, which are the load balancer's own
   * @param duration how long a client stays, a second to a week; a day when it is left out
   */
  public static applicationCookie(cookieName: string, duration: Duration = Duration.days(1)): Stickiness {
    return new Stickiness('app_cookie', duration, cookieName);
  }

  private constructor(private readonly type: string, private readonly duration: Duration, private readonly cookieName?: string) {}

  /** @internal */
  public _check(scope: IConstruct): void {
    checkSeconds(scope, {
      property: 'exposure.stickiness.duration', value: this.duration, min: 1, max: 604_800, fix: 'Give a time from a second to seven days.',
    });
    if (this.type === 'app_cookie') {
      checkPattern(scope, {
        property: 'exposure.stickiness.cookieName', value: this.cookieName as string, pattern: /^(?!AWSALB)[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/,
        must: 'be the name of a cookie, and not begin with AWSALB', fix: 'Give the name of a cookie that your application sets.',
      });
    }
  }

  /** @internal */
  public _apply(group: ApplicationTargetGroup): void {
    group.setAttribute('stickiness.enabled', 'true');
    group.setAttribute('stickiness.type', this.type);
    group.setAttribute(`stickiness.${this.type}.duration_seconds`, secondsText(this.duration));
    if (this.cookieName !== undefined) {
      group.setAttribute('stickiness.app_cookie.cookie_name', this.cookieName);
    }
  }
}
