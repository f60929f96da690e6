import { AppProtocol, BaseService } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { ContainerPort } from '../exposure-config';
import { ServiceConnectProtocol } from './service-connect-options';
import { reject } from '../../../private/validation';

const APP_PROTOCOLS = {
  [ServiceConnectProtocol.HTTP]: AppProtocol.http,
  [ServiceConnectProtocol.HTTP2]: AppProtocol.http2,
  [ServiceConnectProtocol.GRPC]: AppProtocol.grpc,
  [ServiceConnectProtocol.TCP]: undefined,
};

/** Writes into the task definition what the port speaks, where Service Connect looks it up; what is there already stays. */
export function speak(
  scope: IConstruct, service: BaseService, { containerName, portName }: ContainerPort, wanted?: ServiceConnectProtocol,
): ServiceConnectProtocol {
  const mappings = service.taskDefinition.findContainer(containerName)?.portMappings ?? [];
  const index = mappings.findIndex(({ name }) => name === portName);
  if (index < 0) {
    reject(scope, {
      property: 'containers', must: 'have a port of that name in the task definition', got: portName, fix: 'Give the port mapping that name.',
    });
  }
  const { appProtocol } = mappings[index];
  const said = Object.values(ServiceConnectProtocol).find(each => APP_PROTOCOLS[each]?.value === appProtocol?.value);
  if (appProtocol !== undefined && wanted !== undefined && wanted !== said) {
    reject(scope, {
      property: 'exposure.protocol', must: `be what the port of the container says, "${appProtocol.value}"`, got: wanted, fix: 'Leave it out, or change the port.',
    });
  }
  const protocol = wanted ?? (appProtocol === undefined ? undefined : said) ?? ServiceConnectProtocol.HTTP;
  // Its properties are read-only, but the list of mappings is not, and is rendered at the end.
  mappings[index] = { ...mappings[index], appProtocol: appProtocol ?? APP_PROTOCOLS[protocol] };
  return protocol;
}
