import { IConstruct } from 'constructs';
import { ImageSourceConfig } from './image-source-config';
import { checkTokenHost, REGISTRY_HOST } from './registry-host';
import { REPOSITORY_PATH } from './registry-reference';
import { checkSecret } from '../private/check-secret';
import { checkList, checkObject } from '../private/check-types';
import { isKnown } from '../private/pending-lookup';
import { reject } from '../private/validation';

// A name, then a tag, a digest or both.
const VERSIONED = /^(.+?)(?::\w[\w.-]{0,127}|(?::\w[\w.-]{0,127})?[:@](?:sha256:[a-f0-9]{64}|sha512:[a-f0-9]{128}))$/;

/** What a source answers, which may be one that the user has written. */
export function checkedConfig(scope: IConstruct, config: ImageSourceConfig): ImageSourceConfig {
  checkObject(scope, 'source', config, 'Let the bind of the source answer { reference }.');
  const { reference, furtherPlatforms = [], platforms = [], credentials, tokenHost } = config;
  checkList(scope, 'source.furtherPlatforms', furtherPlatforms, 'Let the source answer with a list of references, or without it.');
  checkList(scope, 'source.platforms', platforms, 'Let the source answer with a list such as [\'linux/arm64\'], or without it.');
  [reference, ...furtherPlatforms].forEach(each => checkReference(scope, each));
  if (credentials !== undefined) {
    checkSecret(scope, 'source.credentials', credentials);
  }
  checkTokenHost(scope, tokenHost);
  return config;
}

/** As the copy function reads it: `host/repository:tag`, `host/repository@digest` or both. */
function checkReference(scope: IConstruct, value: string): void {
  const name = typeof value === 'string' ? VERSIONED.exec(value)?.[1] ?? '' : '';
  const slash = name.indexOf('/');
  const isImage = REGISTRY_HOST.test(name.slice(0, Math.max(slash, 0))) && REPOSITORY_PATH.test(name.slice(slash + 1));
  if (isKnown(value) && !isImage) {
    reject(scope, {
      property: 'source.reference', must: 'be an image, host/repository:tag or host/repository@digest', got: value,
      fix: 'Let the source answer with such a reference.',
    });
  }
}
