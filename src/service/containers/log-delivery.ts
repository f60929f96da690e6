import { Size } from 'aws-cdk-lib';
import { AwsLogDriverMode } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { checkMebibytes } from './checks/size-checks';
import { checkObject } from '../../private/check-types';

/** What may differ in logs for which the process does not wait. */
export interface NonBlockingDeliveryOptions {
  /**
   * How much of the log waits in memory to be sent, in whole MiB. What does not fit is lost.
   *
   * @default Size.mebibytes(10)
   */
  readonly maxBufferSize?: Size;
}

/**
 * What happens to the process when its log cannot be sent.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
 */
export class LogDelivery {
  /**
   * It goes on, and what does not fit into the buffer is lost.
   *
   * @param options the size of the buffer
   */
  public static nonBlocking(options: NonBlockingDeliveryOptions = {}): LogDelivery {
    return new LogDelivery(AwsLogDriverMode.NON_BLOCKING, options);
  }

  /** It waits, and no line is lost: when nothing can be sent for long, it stands still. */
  public static blocking(): LogDelivery {
    return new LogDelivery(AwsLogDriverMode.BLOCKING, {});
  }

  private constructor(private readonly mode: AwsLogDriverMode, private readonly options: NonBlockingDeliveryOptions) {}

  /** @internal */
  public _check(scope: IConstruct, property: string): void {
    checkObject(scope, property, this.options, 'Give options in brackets, or nothing: LogDelivery.nonBlocking().');
    checkMebibytes(scope, `${property}.maxBufferSize`, this.options.maxBufferSize);
  }

  /** @internal */
  public _render(): { mode: AwsLogDriverMode; maxBufferSize?: Size } {
    return { mode: this.mode, maxBufferSize: this.options.maxBufferSize };
  }
}
