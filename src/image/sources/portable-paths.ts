import * as path from 'path';

// A program writes paths with `path.join` or by hand, and runs on several platforms. Hashes, IDs and patterns have slashes on all of them.

/** What to do about a path of Windows on another platform. */
export const BACKSLASHES_FIX = 'Write the path with "/" or path.join(…), which work on all platforms.';

/** The path module of a platform, `path.win32` in tests. */
export type PathRules = Pick<path.PlatformPath, 'sep' | 'normalize' | 'isAbsolute' | 'relative' | 'basename'>;

/** A path with slashes. A backslash is a letter of a name on other platforms than Windows. */
export function withSlashes(file: string, { sep }: PathRules = path): string {
  return sep === '\\' ? file.replace(/\\/g, '/') : file;
}

/** Whether a relative path, with slashes or with the separators of the platform, leads out of its folder. */
export function isOutside(relative: string, rules: PathRules = path): boolean {
  const [first] = withSlashes(rules.normalize(relative), rules).split('/');
  return first === '..' || rules.isAbsolute(relative);
}

/**
 * The path of a file from a directory, with slashes. An absolute path would be different on another machine.
 *
 * A program that was written on Windows can have backslashes. On other platforms they count as slashes if there is no file with such a name.
 */
export function pathIn(directory: string, file: string, exists: (file: string) => boolean, rules: PathRules = path): string {
  if (rules.isAbsolute(file)) return withSlashes(rules.relative(directory, file), rules);
  const slashes = file.replace(/\\/g, '/');
  return rules.sep === '\\' || (!exists(file) && exists(slashes)) ? slashes : file;
}

/**
 * A build secret as it counts for the hash: a file without the place that it has on this machine.
 *
 * @see https://docs.docker.com/reference/cli/docker/buildx/build/#secret
 */
export function secretWithoutPlace(value: string, rules: PathRules = path): string {
  return value.replace(/(^|,)(src|source)=([^,]*)/g, (_, start: string, name: string, file: string) => (
    `${start}${name}=${rules.isAbsolute(file) ? rules.basename(file) : withSlashes(file, rules)}`
  ));
}
