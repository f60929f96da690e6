/**
 * Both versions of a service run side by side, and clients are moved from one to the other: an exposure with a load balancer then needs a
 * second target group.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-type-blue-green.html
 */
export interface TrafficShift {
  /**
   * The port of a listener that reaches the new version before clients do.
   *
   * @default - no such listener
   */
  readonly testPort?: number;
}
