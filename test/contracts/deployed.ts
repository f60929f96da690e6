import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import { bundleHandler } from '../../projenrc/handler-bundle';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';
const PSEUDO: Readonly<Record<string, string>> = {
  'AWS::AccountId': ACCOUNT, 'AWS::Partition': 'aws', 'AWS::Region': REGION, 'AWS::URLSuffix': 'amazonaws.com', 'AWS::StackName': 'Contracts',
  'AWS::StackId': `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Contracts/1`,
};
// The form of the ARN of a resource, for the types in the policies of handlers.
const ARNS: Readonly<Record<string, string>> = {
  'AWS::ECR::Repository': 'ecr:R:A:repository/', 'AWS::ECS::Cluster': 'ecs:R:A:cluster/', 'AWS::IAM::Role': 'iam::A:role/', 'AWS::Lambda::Function': 'lambda:R:A:function:',
  'AWS::Logs::LogGroup': 'logs:R:A:log-group:', 'AWS::SecretsManager::Secret': 'secretsmanager:R:A:secret:', 'AWS::KMS::Key': 'kms:R:A:key/',
  'AWS::ElasticLoadBalancingV2::TargetGroup': 'elasticloadbalancing:R:A:targetgroup/', 'AWS::ECS::Service': 'ecs:R:A:service/Cluster/',
  'AWS::ElasticLoadBalancingV2::LoadBalancer': 'elasticloadbalancing:R:A:loadbalancer/app/lb/', 'AWS::ElasticLoadBalancingV2::Listener': 'elasticloadbalancing:R:A:listener/app/lb/1/',
  'AWS::SQS::Queue': 'sqs:R:A:', 'AWS::SNS::Topic': 'sns:R:A:', 'AWS::S3::Bucket': 's3:::', 'AWS::Signer::SigningProfile': 'signer:R:A:/signing-profiles/',
  'AWS::CodeBuild::Project': 'codebuild:R:A:project/',
  'AWS::ElasticLoadBalancingV2::ListenerRule': 'elasticloadbalancing:R:A:listener-rule/app/lb/1/2/',
};
// The types whose Ref is the ARN.
const REF_IS_ARN = /^AWS::(?:SecretsManager::Secret|SNS::Topic|ECS::Service|ElasticLoadBalancingV2::)/;

/** Any part of a template. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a template is read as it is
export type Json = any;

interface Resource {
  readonly Type: string;
  readonly Properties: Readonly<Record<string, Json>>;
  readonly Metadata?: Readonly<Record<string, string>>;
}

/** A statement of a policy, as IAM gets it. */
export interface PolicyStatementJson {
  readonly Effect: string;
  readonly Action: string | readonly string[];
  readonly Resource: string | readonly string[];
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
}

/** A deployed function with its custom resources, policies and environment, without tokens. */
export interface DeployedHandler {
  /** The name in `HANDLERS`. */
  readonly handler: string;
  readonly functionName: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly statements: readonly PolicyStatementJson[];
  /** Properties of each custom resource by its logical ID. */
  readonly resources: ReadonlyMap<string, Readonly<Record<string, Json>>>;
  /** The type of each custom resource by its logical ID. */
  readonly types: ReadonlyMap<string, string>;
}

/** Reads a synthesized stack as if it was deployed: with invented names and ARNs instead of references. */
export class DeployedStack {
  private readonly resources: Readonly<Record<string, Resource>>;
  private readonly folder: string;

  /** @param attributes the attributes of custom resources, by name */
  constructor(app: App, stack: Stack, private readonly attributes: Readonly<Record<string, string>>) {
    const assembly = app.synth();
    this.folder = assembly.directory;
    this.resources = assembly.getStackArtifact(stack.artifactId).template.Resources;
  }

  /** Every policy document of the template: of roles, policies, keys, repositories and queues. */
  public documents(): Map<string, Json> {
    const found = new Map<string, Json>();
    const walk = (value: unknown, at: string): void => {
      if (typeof value !== 'object' || value === null) return;
      if ('Statement' in value && 'Version' in value) found.set(at, this.resolve(value));
      else Object.entries(value).forEach(([key, inner]) => walk(inner, `${at}.${key}`));
    };
    for (const [id, resource] of Object.entries(this.resources)) walk(resource.Properties, `${resource.Type} ${id}`);
    return found;
  }

  /** The properties of all resources of a type, by logical ID. */
  public resolved(type: string): [string, Json][] {
    return Object.entries(this.resources).filter(([, { Type }]) => Type === type).map(([id, { Properties }]) => [id, this.resolve(Properties)]);
  }

  /** All functions of bundled handlers. */
  public handlers(bundles: readonly string[]): DeployedHandler[] {
    const codes = new Map(bundles.map(handler => [bundleHandler(handler).files['index.js'], handler]));
    return Object.entries(this.resources).filter(([, { Type }]) => Type === 'AWS::Lambda::Function').flatMap(([id, { Properties, Metadata }]) => {
      const code = path.join(this.folder, String(Metadata?.['aws:asset:path']), 'index.js');
      const handler = fs.existsSync(code) ? codes.get(fs.readFileSync(code, 'utf8')) : undefined;
      if (handler === undefined) return [];
      const resources = Object.entries(this.resources).filter(([, { Properties: { ServiceToken } = {} }]) => ServiceToken?.['Fn::GetAtt']?.[0] === id);
      return [{
        handler, functionName: id, environment: this.resolve(Properties.Environment?.Variables ?? {}) as Record<string, string>,
        statements: this.statementsOf(Properties.Role['Fn::GetAtt'][0]),
        resources: new Map(resources.map(([name, resource]) => [name, this.texts(this.resolve(resource.Properties)) as Record<string, Json>])),
        types: new Map(resources.map(([name, { Type }]) => [name, Type])),
      }];
    });
  }

  private statementsOf(role: string): PolicyStatementJson[] {
    const isAttached = ({ Type, Properties }: Resource) => Type === 'AWS::IAM::Policy' && Properties.Roles?.some((each: Json) => each.Ref === role);
    const attached = Object.values(this.resources).filter(isAttached);
    const inline = this.resources[role].Properties.Policies ?? [];
    if (this.resources[role].Properties.ManagedPolicyArns !== undefined) throw new Error(`${role} has managed policies, which nobody here can read`);
    const documents = [...attached.map(({ Properties }) => Properties.PolicyDocument), ...inline.map((each: Json) => each.PolicyDocument)];
    return documents.flatMap(({ Statement }) => this.resolve(Statement) as PolicyStatementJson[]);
  }

  /** CloudFormation sends every scalar as a string. */
  private texts(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(each => this.texts(each));
    if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.texts(inner)]));
    return String(value);
  }

  private resolve(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(each => this.resolve(each));
    if (typeof value !== 'object' || value === null) return value;
    const [[name, argument] = ['', undefined], ...others] = Object.entries(value);
    if (others.length > 0 || !(name === 'Ref' || name.startsWith('Fn::'))) {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, this.resolve(inner)]));
    }
    return this.evaluate(name, argument);
  }

  private evaluate(name: string, argument: Json): unknown {
    switch (name) {
      case 'Ref': return PSEUDO[argument] ?? this.reference(argument);
      case 'Fn::GetAtt': return this.attribute(argument[0], argument[1]);
      case 'Fn::Join': return (this.resolve(argument[1]) as string[]).join(argument[0]);
      case 'Fn::Select': return (this.resolve(argument[1]) as string[])[Number(argument[0])];
      case 'Fn::Split': return String(this.resolve(argument[1])).split(argument[0]);
      case 'Fn::Sub': return String(argument).replace(/\$\{([^}]+)\}/g, (_, each) => PSEUDO[each] ?? this.reference(each));
      case 'Fn::GetAZs': return ['a', 'b', 'c'].map(each => REGION + each);
      default: throw new Error(`${name} is not understood here`);
    }
  }

  private reference(id: string): string {
    const type = this.resources[id]?.Type;
    if (type === undefined) return id;
    if (type === 'AWS::ECS::TaskDefinition') return `arn:aws:ecs:${REGION}:${ACCOUNT}:task-definition/${this.resources[id].Properties.Family}:7`;
    if (type.startsWith('AWS::EC2::')) return `${type.split('::')[2].toLowerCase()}-${id.toLowerCase().slice(-8)}`;
    return REF_IS_ARN.test(type) ? this.attribute(id, 'Arn') : nameOf(type, id);
  }

  private attribute(id: string, attribute: string): string {
    const { Type } = this.resources[id];
    if (attribute in this.attributes) return this.attributes[attribute];
    if (attribute === 'RepositoryUri') return `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/${nameOf(Type, id)}`;
    if (attribute === 'GroupId') return `sg-${id.toLowerCase().slice(-8)}`;
    if (!/Arn$/.test(attribute)) return `${id}-${attribute}`;
    const pattern = ARNS[Type];
    if (pattern === undefined) return `arn:aws:unknown:::${id}`;
    return `arn:aws:${pattern.replace('R:', `${REGION}:`).replace('A:', `${ACCOUNT}:`)}${nameOf(Type, id)}${Type === 'AWS::Logs::LogGroup' ? ':*' : ''}`;
  }
}

function nameOf(type: string, id: string): string {
  if (type === 'AWS::S3::Bucket') return id.toLowerCase();
  return type === 'AWS::ECR::Repository' || type === 'AWS::SecretsManager::Secret' ? `name/${id.toLowerCase()}` : id;
}
