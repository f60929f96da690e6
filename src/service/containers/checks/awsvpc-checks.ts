import { IConstruct } from 'constructs';
import { reject } from '../../../private/validation';

// What ECS refuses for tasks with a network interface of their own, as all are here; from JavaScript it may come all the same.
// https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html
const OTHERWISE: Readonly<Record<string, string>> = {
  hostname: 'Give the process its name as an environment variable.',
  extraHosts: 'Give the name to a private hosted zone or to Cloud Map; containers of the same task are on localhost.',
  dnsServers: 'Give the servers to the VPC, in its DHCP options or as rules of Route 53 Resolver.',
  dnsSearchDomains: 'Write names in full, or give the domain to the VPC in its DHCP options.',
};

/** Settings of CDK's containers that no container here can have. */
export function checkAwsvpc(scope: IConstruct, container: string, options: object): void {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && Object.hasOwn(OTHERWISE, name)) {
      reject(scope, {
        property: `${container}.${name}`, must: 'be left out, because each task has a network interface of its own', got: value, fix: OTHERWISE[name],
      });
    }
  }
}
