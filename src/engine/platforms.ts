// Constructs use this file too. It imports nothing, because the npm package contains no other file of the engine.

/** A platform with the names that containerd uses. */
export interface Platform {
  /** @default - not given */
  readonly os?: string;
  /** @default - not given */
  readonly architecture?: string;
  /** @default - not given, or the usual one of the architecture */
  readonly variant?: string;
  /** The version of Windows. */
  readonly osVersion?: string;
}

/** The platform of attachments of builders, such as provenance. */
export const ATTACHMENT_PLATFORM = 'unknown/unknown';

/**
 * Reads the platform of an entry of an index, or of an image configuration, and normalizes it as containerd does.
 *
 * @see https://github.com/containerd/platforms/blob/main/database.go
 */
export function readPlatform(json: unknown): Platform {
  const given = (typeof json === 'object' && json !== null ? json : {}) as Readonly<Record<string, unknown>>;
  const os = lowerCase(given.os);
  // Some builders write both in one field.
  const [name, ...rest] = (lowerCase(given.architecture) ?? '').split('/');
  const { architecture, variant } = normalizeArchitecture(name, lowerCase(given.variant) ?? rest.join('/'));
  const osVersion = typeof given['os.version'] === 'string' && given['os.version'] !== '' ? given['os.version'] : undefined;
  return { os: os === 'macos' ? 'darwin' : os, architecture, variant, osVersion };
}

/** Parses `os/architecture`, `os/architecture/variant` or only the architecture, which then is one of Linux. */
export function parsePlatform(text: string): Platform {
  const parts = text.split('/');
  const [os, architecture, variant] = parts.length === 1 ? ['linux', parts[0]] : parts;
  return readPlatform({ os, architecture, variant });
}

/** Formats a normalized platform: `linux/arm64`, `linux/arm/v7`. Empty for a platform without any field. */
export function formatPlatform({ os, architecture, variant, osVersion }: Platform): string {
  return [os, architecture, variant, osVersion].filter(part => part !== undefined).join('/');
}

/** Whether both are the same platform. The version of Windows is not compared. */
export function isSamePlatform(one: Platform, other: Platform): boolean {
  return one.os === other.os && one.architecture === other.architecture && one.variant === other.variant;
}

const ARCHITECTURES: ReadonlyMap<string, string> = new Map([
  ['i386', '386'], ['x86_64', 'amd64'], ['x86-64', 'amd64'], ['aarch64', 'arm64'], ['armhf', 'arm'], ['armel', 'arm'],
]);
// The variants that every processor of an architecture supports. They are omitted.
const USUAL_VARIANTS: Readonly<Record<string, string>> = { amd64: 'v1', arm64: 'v8' };

/** The names of an architecture and its variant. */
function normalizeArchitecture(name: string, given: string): Pick<Platform, 'architecture' | 'variant'> {
  const architecture = ARCHITECTURES.get(name) ?? name;
  if (architecture === '') return {};
  if (name === 'i386') return { architecture };
  const variant = variantOf(name, architecture, given);
  return { architecture, variant: variant === '' || variant === USUAL_VARIANTS[architecture] ? undefined : variant };
}

function variantOf(name: string, architecture: string, given: string): string {
  if (name === 'armhf') return 'v7';
  if (name === 'armel') return 'v6';
  if (architecture === 'arm' && given === '') return 'v7';
  if (!['amd64', 'arm', 'arm64'].includes(architecture)) return given;
  const numbered = /^\d/.test(given) ? `v${given}` : given;
  return numbered.replace(/^(v\d+)\.0$/, '$1');
}

function lowerCase(value: unknown): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? value.trim().toLowerCase() : undefined;
}
