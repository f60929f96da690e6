import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { HttpHealthCheck } from './http-health-check';
import { HTTP_HEALTH_CHECK_NAMES } from './http-names';
import { checkSeconds } from '../../../private/check-duration';
import { checkObject } from '../../../private/check-types';
import { checkSpelling } from '../../../private/spelling';
import { checkInteger, checkPattern, reject } from '../../../private/validation';
import { checkHealthPath } from '../load-balancer/health-path-check';
import { knownSeconds } from '../load-balancer/seconds';

const PROPERTY = 'exposure.healthCheck';

// https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateTargetGroup.html
const DEFAULT_INTERVAL = 10;

/** What ELB would refuse, or what keeps every task from becoming healthy. */
export function checkHttpHealthCheck(scope: IConstruct, check: HttpHealthCheck | undefined, speaksGrpc: boolean): void {
  if (check === undefined) {
    return;
  }
  checkObject(scope, PROPERTY, check, 'Write healthCheck: { path: \'/health\' }, or leave it out.');
  checkSpelling(scope, PROPERTY, check, HTTP_HEALTH_CHECK_NAMES);
  const { path, healthyCodes, interval, timeout } = check;
  if (path !== undefined) {
    checkHealthPath(scope, `${PROPERTY}.path`, path);
  }
  if (healthyCodes !== undefined) {
    checkCodes(scope, healthyCodes, speaksGrpc);
  }
  const fix = 'Give whole seconds within these limits of load balancers.';
  checkSeconds(scope, { property: `${PROPERTY}.interval`, value: interval, min: 5, max: 300, fix });
  checkSeconds(scope, { property: `${PROPERTY}.timeout`, value: timeout, min: 2, max: 120, fix });
  checkTimeout(scope, check);
  for (const key of ['healthyThresholdCount', 'unhealthyThresholdCount'] as const) {
    const value = check[key];
    if (value !== undefined) {
      checkInteger(scope, { property: `${PROPERTY}.${key}`, value, min: 2, max: 10, fix: 'Give a number of checks within these limits.' });
    }
  }
}

function checkTimeout(scope: IConstruct, { interval, timeout }: HttpHealthCheck): void {
  const every = interval === undefined ? DEFAULT_INTERVAL : knownSeconds(interval);
  const within = knownSeconds(timeout);
  if (every !== undefined && within !== undefined && within >= every) {
    reject(scope, {
      property: `${PROPERTY}.timeout`, must: `be less than the interval, which is ${every} seconds`, got: within,
      fix: `Give a shorter timeout, or an interval of at least ${within + 1} seconds.`,
    });
  }
}

function checkCodes(scope: IConstruct, codes: string, speaksGrpc: boolean): void {
  const [min, max] = speaksGrpc ? [0, 99] : [200, 499];
  const property = `${PROPERTY}.healthyCodes`;
  const must = `be codes from ${min} to ${max}, or ranges of them, with commas between`;
  const fix = speaksGrpc ? 'Write "0" or "0-5,12".' : 'Write "200" or "200-299,401".';
  checkPattern(scope, { property, value: codes, pattern: /^\d+(-\d+)?(,\d+(-\d+)?)*$/, must, fix });
  for (const range of Token.isUnresolved(codes) ? [] : codes.split(',')) {
    const [first, last = first] = range.split('-').map(Number);
    if (first < min || last > max || first > last) {
      reject(scope, { property, must, got: codes, fix });
    }
  }
}
