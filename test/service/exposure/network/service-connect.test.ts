import { Duration, Stack } from 'aws-cdk-lib';
import { CertificateAuthority } from 'aws-cdk-lib/aws-acmpca';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { HttpNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { exposed, NGINX, openings } from './scene';
import { Exposure, FargateService, ServiceConnectOptions, ServiceConnectProtocol } from '../../../../src';
import { Match, newStack } from '../../../helpers/stack';

const SERVICE = 'AWS::ECS::Service';
const TASK = 'AWS::ECS::TaskDefinition';
const AUTHORITY = 'arn:aws:acm-pca:eu-west-1:111122223333:certificate-authority/0';

function clusterWithNamespace(stack: Stack): Cluster {
  const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc', { maxAzs: 2 }) });
  cluster.addDefaultCloudMapNamespace({ name: 'internal' });
  return cluster;
}

function connected(options: ServiceConnectOptions = {}, stack = newStack()) {
  return exposed(Exposure.serviceConnect(options), { cluster: clusterWithNamespace(stack) }, stack);
}

describe('a service in Service Connect', () => {
  test('has the name of its container in the namespace of the cluster, which is created first', () => {
    const { template, endpoint } = connected();

    template().hasResourceProperties(SERVICE, {
      ServiceConnectConfiguration: {
        Enabled: true,
        Namespace: { 'Fn::GetAtt': [Match.stringLikeRegexp('DefaultServiceDiscoveryNamespace'), 'Arn'] },
        Services: [{ PortName: 'web', ClientAliases: [{ Port: 80 }] }],
      },
    });
    template().hasResourceProperties(TASK, {
      ContainerDefinitions: [Match.objectLike({ PortMappings: [{ ContainerPort: 80, Protocol: 'tcp', Name: 'web', AppProtocol: 'http' }] })],
    });
    expect(endpoint()).toBe('http://web.internal:80');
  });

  test('has the names that you give', () => {
    const { template, endpoint } = connected({
      dnsName: 'shop', port: 8080, discoveryName: 'shop-web', idleTimeout: Duration.minutes(1), perRequestTimeout: Duration.seconds(5),
      protocol: ServiceConnectProtocol.HTTP2,
    });
    template().hasResourceProperties(SERVICE, {
      ServiceConnectConfiguration: {
        Services: [{
          PortName: 'web', DiscoveryName: 'shop-web', ClientAliases: [{ DnsName: 'shop', Port: 8080 }],
          Timeout: { IdleTimeoutSeconds: 60, PerRequestTimeoutSeconds: 5 },
        }],
      },
    });
    expect(endpoint()).toBe('http://shop:8080');
    expect(connected({ discoveryName: 'shop' }).endpoint()).toBe('http://shop.internal:80');
  });

  test.each<[ServiceConnectProtocol, string | undefined, string]>([
    [ServiceConnectProtocol.HTTP, 'http', 'http://web.internal:80'], [ServiceConnectProtocol.HTTP2, 'http2', 'http://web.internal:80'],
    [ServiceConnectProtocol.GRPC, 'grpc', 'web.internal:80'], [ServiceConnectProtocol.TCP, undefined, 'web.internal:80'],
  ])('speaks %s, and its endpoint is a URL or an address for a client of this protocol', (protocol, appProtocol, expected) => {
    const { template, endpoint } = connected({ protocol });
    template().hasResourceProperties(TASK, {
      ContainerDefinitions: [Match.objectLike({ PortMappings: [Match.objectLike({ AppProtocol: appProtocol ?? Match.absent() })] })],
    });
    expect(endpoint()).toBe(expected);
  });

  test('is open only to the clients that you name', () => {
    expect(openings(connected().template())).toEqual([]);

    const stack = newStack();
    const cluster = clusterWithNamespace(stack);
    const client = new FargateService(stack, 'Client', {
      cluster, containers: { app: { image: NGINX } }, exposure: Exposure.serviceConnectClient(),
    });
    const { template } = exposed(Exposure.serviceConnect({ openTo: [client] }), { cluster }, stack);
    expect(openings(template())).toEqual(['ServiceSecurityGroup <- ClientServiceSecurityGroup tcp/80']);
  });

  test('is only a client if you ask for it, and then has no endpoint', () => {
    const stack = newStack();
    const { template, service } = exposed(Exposure.serviceConnectClient(), { cluster: clusterWithNamespace(stack) }, stack);
    template().hasResourceProperties(SERVICE, { ServiceConnectConfiguration: { Enabled: true, Services: Match.absent() } });
    expect(() => service.endpoint).toThrow("'exposure' must have an endpoint");
  });

  test('can use another namespace than its cluster', () => {
    const stack = newStack();
    const namespace = new HttpNamespace(stack, 'Other', { name: 'other' });
    const { template, endpoint } = exposed(Exposure.serviceConnect({ namespace }), {}, stack);
    template().hasResourceProperties(SERVICE, {
      ServiceConnectConfiguration: Match.objectLike({ Namespace: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Other'), 'Arn'] } }),
    });
    expect(endpoint()).toBe('http://web.other:80');
  });

  test('encrypts the connections between tasks, with a role that is allowed to use the certificate authority and the key', () => {
    const stack = newStack();
    const certificateAuthority = CertificateAuthority.fromCertificateAuthorityArn(stack, 'Authority', AUTHORITY);
    const { template, endpoint } = connected({ tls: { certificateAuthority, encryptionKey: new Key(stack, 'Key') } }, stack);

    template().hasResource(SERVICE, {
      Properties: {
        ServiceConnectConfiguration: {
          Services: [Match.objectLike({
            Tls: {
              IssuerCertificateAuthority: { AwsPcaAuthorityArn: AUTHORITY },
              KmsKey: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Key'), 'Arn'] },
              RoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('TlsRole'), 'Arn'] },
            },
          })],
        },
      },
      DependsOn: Match.arrayWith([Match.stringLikeRegexp('TlsRoleDefaultPolicy')]),
    });
    template().hasResourceProperties('AWS::IAM::Role', {
      ManagedPolicyArns: [{ 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('ForServiceConnectTransportLayerSecurity$')])] }],
    });
    expect(endpoint()).toBe('http://web.internal:80');
  });

  test('encrypts with your role', () => {
    const stack = newStack();
    const role = new Role(stack, 'Mine', { assumedBy: new ServicePrincipal('ecs.amazonaws.com') });
    const certificateAuthority = CertificateAuthority.fromCertificateAuthorityArn(stack, 'Authority', AUTHORITY);
    connected({ tls: { certificateAuthority, role } }, stack).template().hasResourceProperties(SERVICE, {
      ServiceConnectConfiguration: { Services: [Match.objectLike({ Tls: Match.objectLike({ RoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Mine'), 'Arn'] } }) })] },
    });
  });

  test('logs the output of its proxy', () => {
    const stack = newStack();
    connected({ proxyLogGroup: new LogGroup(stack, 'Proxy') }, stack).template().hasResourceProperties(SERVICE, {
      ServiceConnectConfiguration: Match.objectLike({
        LogConfiguration: Match.objectLike({
          LogDriver: 'awslogs', Options: Match.objectLike({ 'awslogs-group': { Ref: Match.stringLikeRegexp('^Proxy') } }),
        }),
      }),
    });
  });
});
