import { CONFIGURATIONS } from './candidates';
import { Unfit } from './unfit';
import { isObject, records } from '../../engine/json';
import { StoredImage, manifestOf } from '../../custom-resource/ecr';
import { shortText } from '../../custom-resource/text';
import { IMAGES } from '../../engine/manifest';

const MAX_BYTES = 10 * 1024 ** 3;
const LAYERS = [
  'application/vnd.docker.image.rootfs.diff.tar.gzip', 'application/vnd.oci.image.layer.v1.tar+gzip', 'application/vnd.oci.image.layer.v1.tar',
];

/**
 * Throws when Lambda is known to refuse an image of one platform. Answers what is not known to run there.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/images-create.html
 */
export function checkForLambda(image: StoredImage): string | undefined {
  const { mediaType = image.mediaType, config, layers } = manifestOf(image).json;
  const cure = 'use an image that Docker has built, without attestations';
  if (!IMAGES.includes(String(mediaType))) {
    throw new Unfit(`it is of type ${shortText(mediaType) ?? 'unknown'}, and Lambda takes Docker's image manifests V2 schema 2 and those of OCI`, cure);
  }
  const configuration = isObject(config) ? config.mediaType : undefined;
  if (!CONFIGURATIONS.includes(String(configuration))) {
    throw new Unfit(`its configuration is of type ${shortText(configuration) ?? 'unknown'}, which is none of an image`, cure);
  }
  // What is packed is never larger than what comes out.
  const bytes = records(layers).reduce((sum, { size }) => sum + (typeof size === 'number' ? size : 0), 0);
  if (bytes > MAX_BYTES) {
    throw new Unfit(`its layers have ${(bytes / 1024 ** 3).toFixed(1)} GiB as they are packed, and Lambda takes 10 GB unpacked`, 'leave something out of it');
  }
  const unproven = records(layers).map(layer => layer.mediaType).find(type => !LAYERS.includes(String(type)));
  return unproven === undefined ? undefined : `nobody has seen Lambda take its layers of type ${shortText(unproven)}`;
}
