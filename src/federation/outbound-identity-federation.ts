import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { FederationData, FederationProperties } from './federation-properties';
import { ClaimedNames } from '../private/claims';
import { CustomResourceHandler } from '../private/custom-resource-handler';
import { RETAIN_OR_DESTROY } from '../private/removal';
import { Shape } from '../private/shape';
import { accountOf, checkOwnScope } from '../private/stacks';
import { reject } from '../private/validation';

const OWNERS = new ClaimedNames();

/** How outbound identity federation is removed. */
export interface OutboundIdentityFederationProps {
  /**
   * What happens when the construct or its stack is removed. `RETAIN` leaves the feature enabled. `DESTROY` disables it if this construct has enabled
   * it; then nothing in the account gets tokens anymore. Set `RETAIN` and deploy before you rename the construct or move it to another stack, because
   * CloudFormation removes the former construct after it has created the new one.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

export const OUTBOUND_IDENTITY_FEDERATION = new Shape<OutboundIdentityFederationProps>('Write an object such as { removalPolicy: RemovalPolicy.RETAIN }, or leave it out.', {
  removalPolicy: RETAIN_OR_DESTROY,
});

/**
 * Enable outbound identity federation in the account, so that functions can prove their role to Azure and Google with a token of AWS.
 *
 * The setting belongs to the account, not to a region. An app can have one for each account; a second one throws. If the feature is already enabled,
 * nothing changes. CloudFormation has no resource for it, so a small function calls the API during the deployment.
 *
 * Deploy it first, and configure the other cloud to trust `issuerUrl`. See the guides for Azure and Google.
 *
 * @see https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_outbound.html
 */
export class OutboundIdentityFederation extends Construct {
  /** The issuer of the tokens of the account, `https://….tokens.sts.global.api.aws`. Known at deployment. */
  public readonly issuerUrl: string;

  /**
   * Throws if the app has another one for the same account.
   *
   * @param scope a stack, or a construct in one; it determines the account
   * @param id the ID in the scope
   * @param props the removal, optional
   */
  constructor(scope: Construct, id: string, props: OutboundIdentityFederationProps = {}) {
    super(scope, id);
    checkOwnScope(this);
    OUTBOUND_IDENTITY_FEDERATION.check(this, '', props);
    const other = OWNERS.claim(this, accountOf(this), this.node.root);
    if (other !== undefined) {
      reject(this, {
        property: 'scope', must: 'have no other OutboundIdentityFederation in its account, because the setting belongs to the account',
        got: other.node.path, fix: 'Keep one of them. Other stacks need none.',
      });
    }
    const disables = props.removalPolicy === RemovalPolicy.DESTROY;
    const handler = new FederationHandler(this, 'Handler', disables);
    const properties: FederationProperties = { SchemaVersion: '1', OnRemoval: disables ? 'Disable' : undefined };
    const resource = handler.addResource(this, 'Resource', 'Custom::OutboundIdentityFederation', properties);
    const IssuerUrl: keyof FederationData = 'IssuerUrl';
    this.issuerUrl = resource.getAttString(IssuerUrl);
  }
}

/** A function that can only read and enable the setting, and disable it if the user asked for it. */
class FederationHandler extends CustomResourceHandler {
  constructor(scope: Construct, id: string, disables: boolean) {
    super(scope, id, {
      bundle: 'federation/federation.lambda', description: 'Enables outbound identity federation in the account', timeout: Duration.minutes(2), memorySize: 128,
      // Three attempts of Lambda, with the waits between them.
      serviceTimeout: Duration.minutes(10),
    });
    this.role.addToPrincipalPolicy(new PolicyStatement({
      actions: [
        'iam:EnableOutboundWebIdentityFederation', 'iam:GetOutboundWebIdentityFederationInfo',
        ...disables ? ['iam:DisableOutboundWebIdentityFederation'] : [],
      ],
      // A setting of the account has no ARN.
      resources: ['*'],
    }));
  }
}
