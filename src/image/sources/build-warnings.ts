import { Annotations, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { containsSecret, isSecretName } from '../../private/secret-names';
import { isObject } from '../../private/shape';

const PREFIX = 'cdk-container-delivery:';
const MOST_NAMES = 5;
const LONGEST_NAME = 200;

/** The options of a build whose values are written to the asset manifest. */
export type BuildOptions = {
  readonly [option in 'buildArgs' | 'buildContexts' | 'buildSecrets' | 'buildSsh' | 'cacheFrom' | 'cacheTo' | 'outputs']?: unknown;
};

/** Warns about files in the build context that often hold secrets. */
export function warnOfSecretFiles(image: IConstruct, files: readonly string[]): void {
  warn(image, 'secretFiles', files, names => [
    `The build context contains ${names}. Such files often hold secrets, and instructions such as "COPY . ." copy them into the image.`,
    'List them in .dockerignore or in \'exclude\'. Give the build its secrets with \'buildSecrets\'.',
    'If these files belong in the image,',
  ]);
}

/** Warns about links of a `DockerImageAsset` that CDK replaces with their targets. */
export function warnOfFollowedLinks(image: IConstruct, links: readonly string[]): void {
  warn(image, 'followedLinks', links, names => [
    `The DockerImageAsset has links that lead out of its directory: ${names}. CDK copies their targets into the build context, and "docker build" does not.`,
    'Create the asset with followSymlinks: SymlinkFollowMode.NEVER, or use ImageSource.directory.',
    'If the targets belong in the image,',
  ]);
}

/** Adds a note about links that lead out of the build context, because the image gets them without their targets. */
export function reportLinks(image: IConstruct, links: readonly string[]): void {
  if (links.length === 0) return;
  Annotations.of(image).addInfoV2(`${PREFIX}linksNotFollowed`, [
    `The build context has links that lead out of it: ${listed(links)}. As with "docker build", the image gets the links without their targets.`,
    'If you need the targets, set followSymlinks: SymlinkFollowMode.EXTERNAL.',
  ].join(' '));
}

/** Warns about values among the build options that look like secrets. */
export function warnOfSecretOptions(image: IConstruct, options: BuildOptions): void {
  const { buildArgs, buildContexts, buildSecrets, buildSsh, cacheFrom, cacheTo, outputs } = options;
  warn(image, 'secretBuildArgs', suspects('buildArgs', buildArgs, isSecret), names => [
    `Some build arguments look like secrets: ${names}. CDK writes build arguments in clear text to the asset manifest in cdk.out, and Docker keeps them in the image history.`,
    'Use \'buildSecrets\' with RUN --mount=type=secret instead.',
    'If these values are not secret,',
  ]);
  const others = [
    ...suspects('buildContexts', buildContexts, (_, value) => containsSecret(value)),
    ...suspects('buildSecrets', buildSecrets, (_, value) => !NAMES_SECRET.test(value) || containsSecret(value)),
    ...suspects('', { buildSsh }, (_, value) => containsSecret(value)),
    ...asList(cacheFrom).flatMap((cache, position) => suspects(`cacheFrom[${position}].params`, paramsOf(cache), isSecret)),
    ...suspects('cacheTo.params', paramsOf(cacheTo), isSecret),
    ...asList(outputs).flatMap((output, position) => suspects(`outputs[${position}]`, fieldsOf(output), isSecret)),
  ];
  warn(image, 'secretBuildOptions', others, names => [
    `Some build options look like secrets: ${names}. CDK writes them in clear text to the asset manifest in cdk.out.`,
    'Leave the credentials out: give secrets by file or variable (\'src=…\' or \'env=…\' in \'buildSecrets\'), and set the credentials of a cache or a registry in the environment of "cdk deploy".',
    'If these values are not secret,',
  ]);
}

// The valid form of a build secret: it names the file or the variable with the value.
const NAMES_SECRET = /^((type=(file|env)|(id|src|source|env)=[^,]*)(,|$))+$/;

// A value that only switches something on or off.
const SWITCH = /^(true|false|yes|no|on|off|[01]|)$/i;

function isSecret(name: string, value: string): boolean {
  return (isSecretName(name) && !SWITCH.test(value)) || containsSecret(value);
}

/** The names of the suspicious values. Values of a wrong type are skipped, because CDK rejects them. */
function suspects(owner: string, values: unknown, isSuspect: (name: string, value: string) => boolean): string[] {
  return Object.entries(isObject(values) ? values : {})
    .filter(([name, value]) => typeof value === 'string' && !Token.isUnresolved(value) && isSuspect(name, value))
    // The text after "=" may be a value, so it is not shown.
    .map(([name]) => name.split('=', 1)[0])
    .map(name => owner === '' ? name : `${owner}.${name}`);
}

function asList(values: unknown): unknown[] {
  return Array.isArray(values) ? values : [];
}

function paramsOf(cache: unknown): unknown {
  return isObject(cache) ? cache.params : undefined;
}

/** The fields of an output such as `type=image,push=true`. */
function fieldsOf(output: unknown): { [name: string]: string } {
  if (typeof output !== 'string' || Token.isUnresolved(output)) return {};
  return Object.fromEntries(output.split(',').map(field => {
    const [name, ...value] = field.split('=');
    return [name, value.join('=')];
  }));
}

/** Adds one warning for all names. The call that acknowledges the warning is appended to the last sentence. */
function warn(image: IConstruct, id: string, names: readonly string[], sentences: (names: string) => string[]): void {
  if (names.length === 0) return;
  Annotations.of(image).addWarningV2(PREFIX + id, [
    ...sentences(listed([...names].sort())), `acknowledge this warning: Annotations.of(this).acknowledgeWarning('${PREFIX}${id}', 'why').`,
  ].join(' '));
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).map(quoted).join(', ');
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
}

/** A name in quotes, on one line. Control characters and invisible characters are escaped. */
export function quoted(name: string): string {
  const text = JSON.stringify(name).replace(/[\p{C}\p{Zl}\p{Zp}]/gu, letter => `\\u{${letter.codePointAt(0)?.toString(16)}}`);
  return text.length > LONGEST_NAME ? `${text.slice(0, LONGEST_NAME)}…` : text;
}
