import { Token } from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';
import type { Exposure } from './exposure';
import { ExposureBinder, ExposureConfig } from './exposure-config';
import { checkTargetGroups } from './load-balancer/target-group-quota';
import { checkBindable } from '../../private/check-types';
import { reject } from '../../private/validation';

/** The others are made in a scope of their own, so that the first keeps its ids, and each of them when another one comes or goes. */
const OTHERS = 'Others';

/** Two ways to reach a service; the first one is where `endpoint` leads. */
export function combinedExposure(first: Exposure, id: string, other: Exposure): ExposureBinder {
  return (scope, options) => {
    checkBindable(scope, other, {
      property: 'exposure', must: 'be combined with an Exposure', fix: 'Make one with brackets, e.g. .also(\'Mesh\', Exposure.serviceConnect()).',
    });
    checkId(scope, id);
    const exposed = first.bind(scope, options) ?? {}; // from JavaScript, an exposure may answer nothing
    const others = (scope.node.tryFindChild(OTHERS) ?? new Construct(scope, OTHERS)) as Construct;
    if (others.node.tryFindChild(id) !== undefined) {
      reject(scope, { property: 'exposure', must: 'have another id for each one that is added with also()', got: id, fix: 'Choose another id.' });
    }
    const merged = merge(exposed, other.bind(new Construct(others, id), options) ?? {});
    checkTargetGroups(scope, options.service);
    return merged;
  };
}

function checkId(scope: IConstruct, id: string): void {
  if (typeof id !== 'string' || Token.isUnresolved(id) || !/^[A-Za-z0-9_-]{1,100}$/.test(id)) {
    reject(scope, {
      property: 'exposure', must: 'have an id of letters, digits, "-" and "_" for what is added with also()', got: Token.isUnresolved(id) ? 'a token' : id,
      fix: 'Choose one that stays, such as "Mesh": also(\'Mesh\', Exposure.serviceConnect()).',
    });
  }
}

/** Lists are joined; of everything else there is one, and the first one has it. */
function merge(first: ExposureConfig, second: ExposureConfig): ExposureConfig {
  const merged: Record<string, unknown> = { ...first };
  for (const [key, value] of Object.entries(second)) {
    const own = merged[key];
    merged[key] = Array.isArray(own) && Array.isArray(value) ? [...own, ...value] : own ?? value;
  }
  return merged;
}
