import { Duration } from 'aws-cdk-lib';
import { Peer, Vpc } from 'aws-cdk-lib/aws-ec2';
import { DnsRecordType, PrivateDnsNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { bound, openings } from './scene';
import { CloudMapOptions, Exposure } from '../../../../src';
import { Match, newStack } from '../../../helpers/stack';

const CLOUD_MAP = 'AWS::ServiceDiscovery::Service';

function found(options: Partial<CloudMapOptions> = {}, ports = ['web:80/tcp']) {
  const stack = newStack();
  const namespace = new PrivateDnsNamespace(stack, 'Namespace', { name: 'internal', vpc: new Vpc(stack, 'Other') });
  return bound(Exposure.cloudMap({ name: 'shop', namespace, ...options }), ports, {}, stack);
}

describe('a service in Cloud Map', () => {
  test('is found by the IP addresses of its tasks, with a DNS TTL of ten seconds', () => {
    const { template, endpoint } = found();
    template().hasResourceProperties(CLOUD_MAP, { Name: 'shop', DnsConfig: { DnsRecords: [{ Type: 'A', TTL: 10 }], RoutingPolicy: 'MULTIVALUE' } });
    template().hasResourceProperties('AWS::ECS::Service', { ServiceRegistries: [{ RegistryArn: Match.anyValue() }] });
    expect(endpoint()).toBe('shop.internal:80');
  });

  test('is found by addresses and ports (SRV records) if you ask for it', () => {
    const { template, endpoint } = found({ dnsRecordType: DnsRecordType.SRV, dnsTtl: Duration.minutes(1) });
    template().hasResourceProperties(CLOUD_MAP, { DnsConfig: Match.objectLike({ DnsRecords: [{ Type: 'SRV', TTL: 60 }] }) });
    template().hasResourceProperties('AWS::ECS::Service', {
      ServiceRegistries: [{ RegistryArn: Match.anyValue(), ContainerName: 'web', ContainerPort: 80 }],
    });
    expect(endpoint()).toBe('shop.internal');
  });

  test('is open only to the clients that you name, over UDP if its port is a UDP port', () => {
    expect(openings(found().template())).toEqual([]);
    const openTo = [Peer.ipv4('10.0.0.0/8')];
    expect(openings(found({ openTo }).template())).toEqual(['ServiceSecurityGroup <- 10.0.0.0/8 tcp/80']);
    expect(openings(found({ openTo }, ['dns:53/udp']).template())).toEqual(['ServiceSecurityGroup <- 10.0.0.0/8 udp/53']);
  });

  test('has no load balancer, so it cannot shift traffic', () => {
    const stack = newStack();
    const namespace = new PrivateDnsNamespace(stack, 'Namespace', { name: 'internal', vpc: new Vpc(stack, 'Other') });
    expect(() => bound(Exposure.cloudMap({ name: 'shop', namespace }), ['web:80/tcp'], { trafficShift: {} }, stack)).toThrow(
      "Stack/Exposed: 'exposure' must be able to shift traffic, because the deployment does, got \"Cloud Map\". "
      + 'Use Exposure.serviceConnect(), or Deployment.rolling().',
    );
  });
});
