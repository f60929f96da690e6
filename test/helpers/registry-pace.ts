import { Time } from './registry-access';
import { Answer, Call, refused } from './registry-answers';

/** The rate limit of a registry. */
export interface Pace {
  /** The answer to a request above the limit. */
  refuse(call: Call): Answer | undefined;
}

/** No limit. */
export const anyPace: Pace = { refuse: () => undefined };

/** ECR: a bucket of ten manifests that refills with ten per second. The answer has no Retry-After. */
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

/** A number of requests in a number of seconds; the answer has the start of the next interval. */
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
