import type { ImageRepositoryProps } from './image-repository-props';
import { NamesOf } from '../private/spelling';

/** The properties of an `ImageRepository`. */
export const REPOSITORY_NAMES: NamesOf<ImageRepositoryProps> = {
  repositoryName: true, lifecycle: true, retention: true, pullFrom: true, pushFrom: true, tagMutability: true, encryption: true,
  removalPolicy: true, emptyOnDelete: true,
};
