import { Tokenization } from 'aws-cdk-lib';
import { ApplicationListener, ListenerAction } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { ExposureBindOptions } from '../exposure-config';
import { Clients } from './http-clients';
import { addListener, Front } from './http-front';

/** What is redirected, and where to. */
interface Redirection {
  readonly front: Front;
  readonly to: ApplicationListener;
  readonly bind: ExposureBindOptions;
  readonly clients: Clients;
}

/**
 * What sends clients that come over HTTP to HTTPS.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-action-types.html#redirect-actions
 */
export class HttpRedirect {
  /**
   * A listener that answers with the address of the same page over HTTPS.
   *
   * @param port the port that it listens on, usually 80
   */
  public static fromPort(port: number): HttpRedirect {
    return new HttpRedirect(port);
  }

  /** Nothing: whoever comes over HTTP is not answered. */
  public static none(): HttpRedirect {
    return new HttpRedirect();
  }

  private constructor(private readonly port?: number) {}

  /** @internal */
  public _port(): number | undefined {
    return this.port;
  }

  /** @internal */
  public _apply(scope: Construct, { front: { loadBalancer, port, audience }, to, bind, clients }: Redirection): void {
    if (this.port === undefined) {
      return;
    }
    const listener = addListener(scope, 'RedirectPort', { loadBalancer, port: this.port, audience }, bind, clients);
    listener.addAction('Redirect', {
      action: ListenerAction.redirect({ protocol: 'HTTPS', port: Tokenization.stringifyNumber(port), permanent: true }),
    });
    // A service that was exposed over HTTP before answers there until it does so over HTTPS.
    listener.node.addDependency(to);
  }
}
