import { IConstruct } from 'constructs';
import { DirectorySourceOptions } from './image-source-options';
import { checkList, checkObject, isObject } from '../private/check-types';
import { checkPattern, reject } from '../private/validation';

// Not the address of a git repository, which may have a password in it.
const PATH = /^(?!\w+:\/\/)[^]/;

const EXCLUDE_CURE = 'Write exclude: [\'node_modules\'].';

/** What would become a TypeError, or would silently build something else. */
export function checkBuild(scope: IConstruct, directory: string, options: DirectorySourceOptions): void {
  checkPattern(scope, {
    property: 'directory', value: directory, pattern: PATH, must: 'be a path', fix: 'Give the folder with the Dockerfile.',
  });
  checkObject(scope, 'options', options);
  const { file, target, platform, platforms, exclude } = options;
  if (file !== undefined) {
    checkPattern(scope, { property: 'file', value: file, pattern: PATH, must: 'be a path', fix: 'Give that of the Dockerfile, from the directory.' });
  }
  if (target !== undefined) {
    checkText(scope, 'target', target, 'Give the name of a stage of the Dockerfile.');
  }
  if (exclude !== undefined) {
    checkList(scope, 'exclude', exclude, EXCLUDE_CURE);
    for (const each of exclude) checkText(scope, 'exclude', each, EXCLUDE_CURE);
  }
  if (platform !== undefined) {
    checkPlatform(scope, 'platform', platform);
  }
  if (platforms !== undefined) {
    checkList(scope, 'platforms', platforms, 'Write platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64].');
    for (const each of platforms) checkPlatform(scope, 'platforms', each);
  }
}

function checkText(scope: IConstruct, property: string, value: string, fix: string): void {
  checkPattern(scope, { property, value, pattern: /^/, must: 'be a text', fix });
}

/** CDK would leave out what has no `platform`, as Docker's own spelling "linux/arm64", and build for the machine that builds. */
function checkPlatform(scope: IConstruct, property: string, value: unknown): void {
  const name = isObject(value) ? value.platform : undefined;
  if (typeof name !== 'string' || name === '') {
    reject(scope, {
      property, must: 'be a Platform', got: value, fix: 'Use Platform.LINUX_ARM64, Platform.LINUX_AMD64 or Platform.custom(\'linux/s390x\').',
    });
  }
}
