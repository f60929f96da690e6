import { Tokenization } from 'aws-cdk-lib';
import { ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { IVpc, SubnetSelection, SubnetType } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationListener, ApplicationLoadBalancer, ApplicationProtocol, IpAddressType, ListenerAction,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { HTTP_EXPOSURE, HttpExposureOptions, HttpRedirect, HTTPS_EXPOSURE, HttpsExposureOptions } from './http-exposure-options';
import { addListener, Front, serveOn, urlOf } from './http-listener';
import { checkTarget } from './http-target-options';
import { checkServerIdentity, ServerIdentity } from './server-identity';
import { checkEnvironment } from '../../../private/environments';
import { isKnown, isPendingSelection } from '../../../private/lookups';
import { selectSubnets } from '../../../private/select-subnets';
import { reject } from '../../../private/validation';
import { ExposureBinder, ExposureBindOptions } from '../exposure-config';
import { checkListenerPorts, checkZones, loadBalancerScope, Reach, secondsText } from '../load-balancer/load-balancer';
import { httpPort } from '../target-port';

/** An application load balancer for one service, over HTTP. */
export function httpExposure(reach: Reach, settings: HttpExposureOptions): ExposureBinder {
  return (scope, options) => {
    HTTP_EXPOSURE.check(scope, 'exposure', settings);
    const { port = 80 } = settings;
    checkTarget(scope, settings, ApplicationProtocol.HTTP);
    checkListenerPorts(scope, { 'exposure.port': port, 'deployment.testPort': options.trafficShift?.testPort });
    checkOwnLoadBalancer(scope, reach, settings);
    const answering = httpPort(scope, options.ports, settings);
    const parent = loadBalancerScope(scope, reach);
    const loadBalancer = ownLoadBalancer(parent, reach, options, settings);
    const { groups } = serveOn(parent, { loadBalancer, port, audience: reach }, options, answering, settings);
    return {
      endpoint: urlOf('HTTP', loadBalancer.loadBalancerDnsName, port), loadBalancers: [loadBalancer], applicationTargetGroups: groups,
    };
  };
}

/** An application load balancer for one service, over HTTPS. */
export function httpsExposure(reach: Reach, identity: ServerIdentity, settings: HttpsExposureOptions): ExposureBinder {
  return (scope, options) => {
    HTTPS_EXPOSURE.check(scope, 'exposure', settings);
    checkServerIdentity(scope, identity);
    const { additionalCertificates = [] } = settings;
    checkCertificates(scope, additionalCertificates);
    const { port = 443, redirect = reach === 'internet' ? HttpRedirect.fromPort(80) : HttpRedirect.none() } = settings;
    checkTarget(scope, settings, ApplicationProtocol.HTTPS);
    checkListenerPorts(scope, {
      'exposure.port': port, 'exposure.redirect': redirect._port(), 'deployment.testPort': options.trafficShift?.testPort,
    });
    checkOwnLoadBalancer(scope, reach, settings);
    const answering = httpPort(scope, options.ports, settings);
    const parent = loadBalancerScope(scope, reach);
    const loadBalancer = ownLoadBalancer(parent, reach, options, settings);
    const certificates = [identity._certificate(scope), ...additionalCertificates];
    const front = { loadBalancer, port, certificates, sslPolicy: settings.sslPolicy, audience: reach };
    const { listener, groups } = serveOn(parent, front, options, answering, settings);
    addRedirect(parent, redirect, { front, to: listener, bind: options, settings });
    const name = identity._nameOf(scope, loadBalancer, settings.ipAddressType) ?? loadBalancer.loadBalancerDnsName;
    return { endpoint: urlOf('HTTPS', name, port), loadBalancers: [loadBalancer], applicationTargetGroups: groups };
  };
}

function checkCertificates(scope: Construct, certificates: ICertificate[]): void {
  certificates.forEach((each, index) => {
    if (certificates.findIndex(({ certificateArn }) => certificateArn === each.certificateArn) < index) {
      reject(scope, {
        property: `exposure.additionalCertificates[${index}]`, must: 'be listed once', got: each.certificateArn, fix: 'Remove the duplicate.',
      });
    }
  });
}

/** The rules between several options of a load balancer. */
function checkOwnLoadBalancer(scope: Construct, reach: Reach, { accessLogs, ipAddressType }: HttpExposureOptions): void {
  accessLogs?._check(scope, 'application');
  if (reach === 'vpc' && ipAddressType === IpAddressType.DUAL_STACK_WITHOUT_PUBLIC_IPV4) {
    reject(scope, {
      property: 'exposure.ipAddressType', must: 'be IPV4 or DUAL_STACK for an internal load balancer', got: ipAddressType, fix: 'Use IpAddressType.DUAL_STACK.',
    });
  }
}

function ownLoadBalancer(scope: Construct, reach: Reach, { vpc }: ExposureBindOptions, options: HttpExposureOptions): ApplicationLoadBalancer {
  const vpcSubnets = subnetsOf(scope, reach, vpc, options.vpcSubnets);
  const loadBalancer = new ApplicationLoadBalancer(scope, 'LoadBalancer', {
    vpc,
    vpcSubnets,
    internetFacing: reach === 'internet',
    // Protects against request smuggling, together with the desync mitigation mode "defensive", the default of AWS.
    dropInvalidHeaderFields: true,
    deletionProtection: options.deletionProtection,
    loadBalancerName: options.loadBalancerName,
    ipAddressType: options.ipAddressType,
  });
  if (options.idleTimeout !== undefined) {
    loadBalancer.setAttribute('idle_timeout.timeout_seconds', secondsText(options.idleTimeout));
  }
  options.accessLogs?._apply(scope, loadBalancer);
  if (options.webAclArn !== undefined) {
    checkEnvironment(scope, 'exposure.webAclArn', 'region', isKnown(options.webAclArn) ? options.webAclArn.split(':')[3] : undefined);
    new CfnWebACLAssociation(scope, 'WebAcl', { resourceArn: loadBalancer.loadBalancerArn, webAclArn: options.webAclArn });
  }
  return loadBalancer;
}

/** The subnets of the load balancer. By default one per zone, because a VPC may have several subnet groups. */
function subnetsOf(scope: Construct, reach: Reach, vpc: IVpc, wanted?: SubnetSelection): SubnetSelection {
  const selection = wanted ?? { subnetType: reach === 'internet' ? SubnetType.PUBLIC : undefined, onePerAz: true };
  if (wanted === undefined && reach === 'internet' && vpc.publicSubnets.length === 0) {
    checkZones(scope, 'exposure', [], reach);
  }
  const selected = selectSubnets(scope, 'exposure.vpcSubnets', vpc, selection);
  if (!isPendingSelection(vpc, selected)) {
    checkZones(scope, wanted === undefined ? 'exposure' : 'exposure.vpcSubnets', selected.subnets, reach);
  }
  return selection;
}

/** The source and the destination of a redirect. */
interface Redirection {
  readonly front: Front;
  readonly to: ApplicationListener;
  readonly bind: ExposureBindOptions;
  readonly settings: HttpsExposureOptions;
}

function addRedirect(scope: Construct, redirect: HttpRedirect, { front: { loadBalancer, port, audience }, to, bind, settings }: Redirection): void {
  const redirectPort = redirect._port();
  if (redirectPort === undefined) {
    return;
  }
  const clients = { property: 'exposure.openTo', named: settings.openTo };
  const listener = addListener(scope, 'RedirectPort', { loadBalancer, port: redirectPort, audience }, bind, clients);
  listener.addAction('Redirect', {
    action: ListenerAction.redirect({ protocol: 'HTTPS', port: Tokenization.stringifyNumber(port), permanent: true }),
  });
  // When a service changes from HTTP to HTTPS, it serves HTTP until HTTPS works.
  listener.node.addDependency(to);
}
