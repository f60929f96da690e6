import { TracedRequest } from './fault-proxy-trace';

/** Start of every secret, by the only place that is allowed to receive it. */
export const CANARIES = {
  source: 'source-canary', destination: 'destination-canary', storage: 'presigned-canary', cloudFormation: 'response-canary',
} as const;

export type SecretPlace = keyof typeof CANARIES;

/** User and password of a place. */
export function passwordOf(place: SecretPlace): { readonly username: string; readonly password: string } {
  return { username: place, password: `${CANARIES[place]}-password` };
}

/** I3: secrets in requests to a wrong server. */
export function leaksToOthers(trace: readonly TracedRequest[]): string[] {
  return trace.flatMap(({ at, key, url, headers }) => places().filter(place => place !== at && contains(JSON.stringify([url, headers]), place))
    .map(place => `a secret of ${place} was sent to ${at}: ${key}`));
}

/** I6: secrets in texts for users. */
export function leaksInWords(texts: readonly string[]): string[] {
  return texts.flatMap(text => places().filter(place => contains(text, place)).map(place => `a secret of ${place} is told: ${text.slice(0, 200)}`));
}

function places(): SecretPlace[] {
  return Object.keys(CANARIES) as SecretPlace[];
}

function contains(text: string, place: SecretPlace): boolean {
  const { username, password } = passwordOf(place);
  return text.includes(CANARIES[place]) || text.includes(Buffer.from(`${username}:${password}`).toString('base64'));
}
