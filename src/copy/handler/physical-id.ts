import { CustomResourceEvent, resourceHash } from '../../custom-resource/protocol';
import { truncateUtf8 } from '../../custom-resource/text';

/**
 * The physical id: a function of the destination and of the resource, known before anything can fail.
 *
 * It changes only with the destination, for CloudFormation answers a new id with a Delete of the old one.
 */
export function physicalIdOf(event: CustomResourceEvent): string {
  const { PhysicalResourceId: current, ResourceProperties: now, OldResourceProperties: before } = event;
  if (current !== undefined && (event.RequestType === 'Delete' || now?.Destination === before?.Destination)) return current;
  const destination = now?.Destination;
  const named = typeof destination === 'string' && destination !== '' ? destination : 'unknown-destination';
  return `${truncateUtf8(named, 512)}#${resourceHash(event)}`;
}
