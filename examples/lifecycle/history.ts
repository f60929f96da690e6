import { ImageStorageClass, LifecycleAction, LifecycleImage } from 'cdk-container-delivery';
import { stack } from './app';

const DAY = 24 * 60 * 60 * 1000;
const START = Date.UTC(2030, 0, 1);

export const DAYS = 240;

/** An image in the simulation. */
export interface Character {
  readonly name: string;
  readonly tags: string[];
  /** When it is pushed, in days. */
  readonly pushed: number;
  /** Days on which it is pulled. */
  readonly pulled?: number[];
  /** The image that it signs. */
  readonly subject?: string;
  /** The day on which it is deployed again. */
  readonly deployedAgain?: number;
}

/** When and why an image was deleted. */
export interface Fate extends Character {
  readonly archived?: number;
  readonly expired?: number;
  /** The rule that deleted or archived it. */
  readonly rule?: string;
}

const { imageTagPrefix } = stack.image;

const version = (number: number, more: Partial<Character> = {}): Character => ({
  name: `app, version ${number}`, tags: [`${imageTagPrefix}v${number}`], pushed: (number - 1) * 40, ...more,
});

export const CHARACTERS: Character[] = [
  version(1, { deployedAgain: 70 }), version(2), version(3), version(4), version(5), version(6),
  { name: 'release-1', tags: ['release-1'], pushed: 10, pulled: [30] },
  { name: 'release-2', tags: ['release-2'], pushed: 60, pulled: [90, 130, 170, 210] },
  { name: 'dev-1', tags: ['dev-1'], pushed: 20 },
  { name: 'dev-2', tags: ['dev-2'], pushed: 55 },
  { name: 'dev-3', tags: ['dev-3'], pushed: 100 },
  { name: 'dev-4', tags: ['dev-4'], pushed: 150 },
  // Stored without tags. Each one stays as long as its image.
  { name: 'signature of 2', tags: [], pushed: 41, subject: 'app, version 2' },
  { name: 'signature of 6', tags: [], pushed: 201, subject: 'app, version 6' },
];

/** Simulates days on which the lifecycle policy runs. */
export function history(characters: Character[] = CHARACTERS): Fate[] {
  const fates = new Map<string, Fate>(characters.map(character => [character.name, character]));
  for (let day = 0; day <= DAYS; day++) {
    const there = [...fates.values()].filter(({ pushed, expired }) => pushed <= day && expired === undefined);
    const decisions = stack.repository.lifecycleSimulator.simulate(there.map(fate => asImage(fate, day)), dateOf(day));
    for (const { image, action, rule } of decisions) {
      const fate = fates.get(image.digest) as Fate;
      fates.set(fate.name, { ...fate, rule, ...(action === LifecycleAction.EXPIRE ? { expired: day } : { archived: day }) });
    }
  }
  return [...fates.values()];
}

function asImage({ name, tags, pushed, pulled = [], deployedAgain = Infinity, archived, subject }: Fate, today: number): LifecycleImage {
  const lastPulled = Math.max(...pulled.filter(day => day <= today));
  return {
    digest: name,
    subject,
    tags: deployedAgain <= today ? [...tags, `${imageTagPrefix}kept-v`] : tags,
    pushedAt: dateOf(pushed),
    pulledAt: Number.isFinite(lastPulled) ? dateOf(lastPulled) : undefined,
    storageClass: archived === undefined ? ImageStorageClass.STANDARD : ImageStorageClass.ARCHIVE,
    archivedAt: archived === undefined ? undefined : dateOf(archived),
  };
}

function dateOf(day: number): Date {
  return new Date(START + day * DAY);
}
