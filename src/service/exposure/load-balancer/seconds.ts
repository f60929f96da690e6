import { Duration, Tokenization } from 'aws-cdk-lib';

/** The seconds, where they are known already. */
export function knownSeconds(value: Duration | undefined): number | undefined {
  return value === undefined || value.isUnresolved() ? undefined : value.toSeconds({ integral: false });
}

/** As an attribute of a load balancer has it: the L2 would write out the number in which a token hides. */
export function secondsText(value: Duration): string {
  return Tokenization.stringifyNumber(value.toSeconds());
}
