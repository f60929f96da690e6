import * as path from 'path';

// Users write paths with `path.join` or by hand, on Windows and elsewhere. Hashes, IDs and patterns contain slashes on every platform.

/** The fix for a Windows path on another platform. */
export const BACKSLASHES_FIX = 'Write the path with "/" or path.join(…), which work on all platforms.';

/** The path module of a platform, `path.win32` in tests. */
export type PathRules = Pick<path.PlatformPath, 'sep' | 'normalize' | 'isAbsolute' | 'relative' | 'basename'>;

/** A path with slashes. On platforms other than Windows, a backslash is part of a file name. */
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
 * The code of an app that was written on Windows can contain backslashes. On other platforms they count as slashes if no file has such a name.
 */
export function pathIn(directory: string, file: string, exists: (file: string) => boolean, rules: PathRules = path): string {
  if (rules.isAbsolute(file)) return withSlashes(rules.relative(directory, file), rules);
  const slashes = file.replace(/\\/g, '/');
  return rules.sep === '\\' || (!exists(file) && exists(slashes)) ? slashes : file;
}

/**
 * A build secret for the hash: a file without its location on this machine.
 *
 * @see https://docs.docker.com/reference/cli/docker/buildx/build/#secret
 */
export function secretWithoutPlace(value: string, rules: PathRules = path): string {
  return value.replace(/(^|,)(src|source)=([^,]*)/g, (_, start: string, name: string, file: string) => (
    `${start}${name}=${rules.isAbsolute(file) ? rules.basename(file) : withSlashes(file, rules)}`
  ));
}
