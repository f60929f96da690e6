import { Token } from 'aws-cdk-lib';
import { Protocol } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { checkList, checkObject, hasMethods } from '../../../private/check-types';
import { checkInteger, checkPattern, reject } from '../../../private/validation';
import type { ContainerOptions, Containers } from '../container-options';
import type { ListeningPort } from '../listening-port';

interface Place {
  readonly property: string;
  readonly container: string;
  readonly port: number;
  readonly protocol: Protocol;
  readonly name?: string;
}

/** The containers of a task share one network interface, so each port exists once for TCP and once for UDP. */
export function checkPorts(scope: IConstruct, containers: Containers): void {
  const places = Object.entries(containers).flatMap(([name, container]) => placesOf(scope, name, container));
  checkUnique(scope, places.filter(({ port }) => !Token.isUnresolved(port)), ({ port, protocol }) => `${port}/${protocol}`, ({ port }) => ({
    must: 'differ from the port', got: port, fix: 'Let one of the two processes listen on another port.',
  }));
  checkUnique(scope, places.filter(({ name }) => name !== undefined), ({ name }) => `${name}`, ({ name }) => ({
    must: 'differ in name from the port', got: name, fix: 'Choose another name for one of the two.',
  }));
}

function placesOf(scope: IConstruct, container: string, { port, additionalPorts = [] }: ContainerOptions): Place[] {
  const property = `containers.${container}`;
  const main: Place[] = port === undefined ? [] : [{ property: `${property}.port`, container, port, protocol: Protocol.TCP }];
  checkList(scope, `${property}.additionalPorts`, additionalPorts, 'Write additionalPorts: [ListeningPort.tcp(9090)], or leave it out.');
  const places = [...main, ...additionalPorts.map(each => placeOf(scope, `${property}.additionalPorts`, container, each))];
  places.forEach(place => checkInteger(scope, {
    property: place.property, value: place.port, min: 1, max: 65535, fix: 'Give the port that the process in the container listens on.',
  }));
  return places;
}

function placeOf(scope: IConstruct, property: string, container: string, port: ListeningPort): Place {
  if (!hasMethods(port, 'grpc')) {
    reject(scope, { property, must: 'have ListeningPort objects', got: port, fix: 'Make one, e.g. ListeningPort.tcp(9090).' });
  }
  checkObject(scope, property, port._options, 'Give options in brackets, or none: ListeningPort.tcp(9090).');
  const { name } = port._options;
  if (name !== undefined) {
    checkPattern(scope, {
      property: `${property}.name`, value: name, pattern: /^[a-z0-9_][a-z0-9_-]{0,63}$/,
      must: 'have 1 to 64 lower-case letters, digits, "_" or "-", and not begin with "-"', fix: 'Choose a name such as "metrics".',
    });
  }
  if (port.protocol === Protocol.UDP && port._appProtocol !== undefined) {
    reject(scope, { property, must: 'have a protocol for Service Connect only on TCP', got: port.port, fix: 'Use ListeningPort.tcp(…).' });
  }
  return { property, container, port: port.port, protocol: port.protocol, name: Token.isUnresolved(name) ? undefined : name };
}

function checkUnique(
  scope: IConstruct, places: Place[], key: (place: Place) => string, told: (place: Place) => { must: string; got: unknown; fix: string },
): void {
  const owners = new Map<string, Place>();
  for (const place of places) {
    const owner = owners.get(key(place));
    if (owner !== undefined) {
      const { must, got, fix } = told(place);
      reject(scope, { property: place.property, must: `${must} of '${owner.container}' in the same task`, got, fix });
    }
    owners.set(key(place), place);
  }
}
