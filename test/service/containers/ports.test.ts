import { BaseService } from 'aws-cdk-lib/aws-ecs';
import { ContainerPort, Exposure, ExposureBindOptions, ListeningPort } from '../../../src';
import { Named, NGINX, Rendered, serviceWith, taskOf } from '../../helpers/containers';

const { tcp, udp } = ListeningPort;

/** Records the information that the service passes to it. */
class Recorder extends Exposure {
  public ports: ContainerPort[] = [];
  public service?: BaseService;

  public bind(_scope: unknown, { ports, service }: ExposureBindOptions) {
    this.ports = ports;
    this.service = service;
    return {};
  }
}

function exposed(containers: Named): { ports: ContainerPort[]; mappings: { [container: string]: Rendered[] } } {
  const recorder = new Recorder();
  const { containers: rendered } = taskOf(serviceWith(containers, { exposure: recorder }).stack);
  return { ports: recorder.ports, mappings: Object.fromEntries(Object.entries(rendered).map(([name, { PortMappings }]) => [name, PortMappings])) };
}

describe('the ports of a task', () => {
  test('are passed to the exposure, the main port of each container first', () => {
    const { ports } = exposed({
      web: { additionalPorts: [tcp(9090, { name: 'metrics' }), udp(53)], port: 80 },
      grpc: { additionalPorts: [tcp(50051).grpc()] },
      worker: {},
    });
    expect(ports.map(({ containerName, port, protocol, portName }) => [containerName, port, protocol, portName])).toEqual([
      ['web', 80, 'tcp', 'web'], ['web', 9090, 'tcp', 'metrics'], ['web', 53, 'udp', 'web-53-udp'],
      ['grpc', 50051, 'tcp', 'grpc-50051'],
    ]);
  });

  test('have protocols for Service Connect', () => {
    const { mappings } = exposed({ web: { additionalPorts: [tcp(1).http(), tcp(2).http2(), tcp(3).grpc(), tcp(4)] } });
    expect(mappings.web.map(({ AppProtocol }) => AppProtocol)).toEqual(['http', 'http2', 'grpc', undefined]);
  });

  test('have unique names that ECS accepts, whatever the containers are called', () => {
    const long = 'x'.repeat(255);
    const { ports } = exposed({
      'web': { port: 1 },
      'Web': { port: 2, additionalPorts: [tcp(3, { name: 'web-2' })] },
      '-web': { port: 4 },
      '---': { port: 5 },
      [long]: { port: 6, additionalPorts: [udp(7)] },
      [`${long.slice(1)}`]: { port: 8, additionalPorts: [tcp(7)] },
    });
    const names = ports.map(({ portName }) => portName);
    expect(names).toHaveLength(9);
    expect(new Set(names).size).toBe(names.length);
    names.forEach(name => expect(name).toMatch(/^[a-z0-9_][a-z0-9_-]{0,63}$/));
    expect(names).toContain('web-2');
  });

  test('of a container that is added later must have names that are not in use', () => {
    const { service, stack } = serviceWith({ web: { port: 80, additionalPorts: [tcp(81, { name: 'side' })] } });
    service.addContainer('side', { image: NGINX, port: 82 });
    expect(taskOf(stack).containers.side.PortMappings).toEqual([{ ContainerPort: 82, Name: 'side-2', Protocol: 'tcp' }]);
    expect(() => service.addContainer('other', { image: NGINX, additionalPorts: [tcp(83, { name: 'side' })] }))
      .toThrow('\'containers.other.additionalPorts\' must differ in name from the port of \'web\' in the same task, got "side".');
  });
});
