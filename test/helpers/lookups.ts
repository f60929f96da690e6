import { App, Stack } from 'aws-cdk-lib';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';

/** The lookups that an app requests from the CLI. */
export interface Lookup {
  readonly provider: string;
  readonly props: Record<string, unknown>;
}

const REGION = { account: '111111111111', region: 'eu-west-1' };

/** Stacks of one app, by their names, with a known account and region, which lookups need. */
export type StackOf = (id: string) => Stack;

/** An app before the CLI has looked anything up. */
export function firstSynthesis(make: (stackOf: StackOf) => void): CloudAssembly {
  return synthesize(make, {});
}

/** The steps of the CLI: synthesize, look up missing values, and repeat until nothing is missing. */
export function lastSynthesis(make: (stackOf: StackOf) => void, lookUp: (lookup: Lookup) => unknown): CloudAssembly {
  const context: Record<string, unknown> = {};
  for (;;) {
    const assembly = synthesize(make, context);
    const missing = assembly.manifest.missing ?? [];
    if (missing.length === 0) {
      return assembly;
    }
    missing.forEach(({ key, provider, props }) => context[key] = lookUp({ provider, props: { ...props } }));
  }
}

function synthesize(make: (stackOf: StackOf) => void, context: Record<string, unknown>): CloudAssembly {
  const app = new App({ context });
  make(id => (app.node.tryFindChild(id) ?? new Stack(app, id, { env: REGION })) as Stack);
  return app.synth();
}

/** The lookup result of a VPC with these subnet groups, each with one subnet in every zone. */
export function vpcWith(groups: Record<string, 'Public' | 'Private' | 'Isolated'>, { vpcId = 'vpc-0real', zones = ['eu-west-1a', 'eu-west-1b'] } = {}) {
  return {
    vpcId, vpcCidrBlock: '10.0.0.0/16', ownerAccountId: REGION.account, availabilityZones: [],
    subnetGroups: Object.entries(groups).map(([name, type]) => ({
      name, type,
      subnets: zones.map((availabilityZone, index) => ({
        subnetId: `subnet-${name}-${index}`, cidr: '10.0.0.0/24', availabilityZone, routeTableId: `rtb-${name}-${index}`,
      })),
    })),
  };
}
