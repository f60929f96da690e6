import { Time } from './registry-access';
import { Answer, Call, refused } from './registry-answers';

/** How many requests a registry bears. */
export interface Pace {
  /** The answer to a request too many. */
  refuse(call: Call): Answer | undefined;
}

/** As many as come. */
export const anyPace: Pace = { refuse: () => undefined };

/** ECR's: a bucket of ten manifests that fills by ten a second. The answer does not say how long to wait. */
export function putImagePace(clock: Time, perSecond = 10): Pace {
  let left = perSecond;
  let last = clock.now();
  return {
    refuse: ({ kind }) => {
      if (kind !== 'PUT manifest') return undefined;
      left = Math.min(perSecond, left + (clock.now() - last) / 1000 * perSecond);
      last = clock.now();
      if (left < 1) return refused(429, 'TOOMANYREQUESTS', 'Rate exceeded');
      left--;
      return undefined;
    },
  };
}

/** So many requests in so many seconds; the answer says when the next ones begin. */
export function windowPace(clock: Time, requests: number, seconds: number): Pace {
  let begun = clock.now();
  let count = 0;
  return {
    refuse: () => {
      if (clock.now() >= begun + seconds * 1000) {
        begun = clock.now();
        count = 0;
      }
      if (++count <= requests) return undefined;
      const wait = Math.ceil((begun + seconds * 1000 - clock.now()) / 1000);
      return refused(429, 'TOOMANYREQUESTS', 'you have reached your rate limit', { 'retry-after': String(wait) });
    },
  };
}
