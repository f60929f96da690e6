import { Tags } from 'aws-cdk-lib';
import { Certificate, ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Deployment, Exposure, NetworkPort, ServerIdentity } from 'cdk-container-delivery';
import { Scene, SceneProps } from '../scene';

/** The runner imports two certificates and passes their ARNs. Synthesis without it uses an invented one. */
const NO_CERTIFICATE = 'arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-0000-0000-000000000000';

/** Blue/green deployments behind an application load balancer. */
export function blueGreen(props: SceneProps): Scene {
  return scene('BlueGreen', props, certificate => Exposure.publicHttps(ServerIdentity.certificate(certificate)));
}

/** Blue/green deployments behind a network load balancer, whose listener has both the weights and the certificate. */
export function blueGreenNetwork(props: SceneProps): Scene {
  return scene('BlueGreenNetwork', props, certificate => Exposure.publicNetwork({ ports: [NetworkPort.tls(443, certificate)] }));
}

function scene(name: string, props: SceneProps, exposure: (certificate: ICertificate) => Exposure): Scene {
  const result = new Scene(name, props);
  const image = result.image(result.repository());
  const certificate = Certificate.fromCertificateArn(result.stack, 'Certificate', result.context('certificate', NO_CERTIFICATE));
  const service = result.service({ containers: { web: { image, port: 8080 } }, exposure: exposure(certificate), deployment: Deployment.blueGreen() });
  const host = service.endpoint.replace(/^https:\/\//, '');
  result.acceptSelfSigned(result.expectPage(`https://${host}`, `^version ${result.context('version', '1')}$`));
  result.expectRunning(service.ecsService, image);
  // CloudFormation updates every resource with tags, including those with weights.
  Tags.of(result.stack).add('change', result.context('tag', 'none'));
  return result;
}
