import { existsSync, readFileSync } from 'fs';
import * as path from 'path';
import { attachCustomSynthesis, CfnElement, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { cycleIn } from './cycle';
import { dependenciesOf } from './template-dependencies';
import { userError } from '../validation';

interface Resource {
  readonly Type: string;
  readonly Condition?: string;
  readonly Properties?: { readonly [name: string]: unknown };
}

interface Resources {
  readonly [logicalId: string]: Resource;
}

/** A check that returns the message for the first broken rule. `pathOf` returns the construct path of a logical ID. */
type Check = (resources: Resources, pathOf: (logicalId: string) => string) => string | undefined;

const CHECKS: readonly Check[] = [circularDependency, duplicateName, largeTaskDefinition];

/**
 * Checks the template of the stack of this construct, once for each stack. Synthesis fails if CloudFormation or AWS would reject the template.
 *
 * Reads the template after it is written, because resolving all resources a second time would make synthesis about 20 percent slower.
 */
export function checkTemplateOf(scope: Construct): void {
  const stack = Stack.of(scope);
  const parent = stack.node.scope;
  // CDK synthesizes the constructs of one scope in the order of their creation, so the template exists when this construct is synthesized.
  const id = `${stack.node.id}TemplateChecks`;
  if (parent !== undefined && parent.node.tryFindChild(id) === undefined) {
    attachCustomSynthesis(new Construct(parent, id), { onSynthesize: ({ outdir }) => checkTemplate(stack, path.join(outdir, stack.templateFile)) });
  }
}

/** Checks a template file, if it exists: the synthesizer of a user may write none. */
function checkTemplate(stack: Stack, file: string): void {
  if (!existsSync(file)) return;
  const { Resources: resources = {} } = JSON.parse(readFileSync(file, 'utf8')) as { readonly Resources?: Resources };
  for (const check of CHECKS) {
    const message = check(resources, id => pathOf(stack, id));
    if (message !== undefined) throw userError(`${stack.node.path}: ${message}`);
  }
}

/** The construct path of a resource, or the logical ID if there is none, for example in an included template. */
function pathOf(stack: Stack, logicalId: string): string {
  const elements = stack.node.findAll().filter(CfnElement.isCfnElement).filter(each => Stack.of(each) === stack);
  return elements.find(each => stack.getLogicalId(each) === logicalId)?.node.path ?? logicalId;
}

/** Reports a circular dependency. CloudFormation reports it only at deployment, and without the order. */
function circularDependency(resources: Resources, nameOf: (id: string) => string): string | undefined {
  const graph = new Map(Object.entries(resources).map(([id, resource]) => [id, dependenciesIn(resources, resource)]));
  const [first, ...others] = cycleIn(graph) ?? [];
  return first === undefined ? undefined : [
    `'dependencies' must not be circular, got ${nameOf(first)}`,
    ...others.map(id => `  which depends on ${nameOf(id)}`),
    'Remove one of these references. For a service or task, write executeAfter(dependency) instead of node.addDependency(dependency).',
  ].join('\n');
}

/**
 * The resources that a resource certainly depends on. Resources of AWS SAM are left out, because a transform replaces them. So are dependencies on
 * resources with another condition, which may not be created.
 */
function dependenciesIn(resources: Resources, resource: Resource): string[] {
  if (resource.Type?.startsWith('AWS::Serverless::')) return [];
  return dependenciesOf(resource).filter(id => Object.hasOwn(resources, id) && [undefined, resource.Condition].includes(resources[id].Condition));
}

// The name of each resource type that must be unique, followed by the properties within which it is unique.
const NAMES: { readonly [type: string]: readonly string[] } = {
  'AWS::ECR::Repository': ['RepositoryName'],
  'AWS::ECS::Cluster': ['ClusterName'],
  'AWS::ECS::Service': ['ServiceName', 'Cluster'],
  'AWS::ElasticLoadBalancingV2::LoadBalancer': ['Name'],
  'AWS::ElasticLoadBalancingV2::TargetGroup': ['Name'],
  'AWS::Logs::LogGroup': ['LogGroupName'],
  'AWS::CloudWatch::Alarm': ['AlarmName'],
  'AWS::CloudWatch::Dashboard': ['DashboardName'],
  'AWS::IAM::Role': ['RoleName'],
  'AWS::Lambda::Function': ['FunctionName'],
  'AWS::Events::Rule': ['Name', 'EventBusName'],
  'AWS::SecretsManager::Secret': ['Name'],
  'AWS::Route53::RecordSet': ['Name', 'Type', 'HostedZoneId', 'HostedZoneName', 'SetIdentifier'],
};

function duplicateName(resources: Resources, nameOf: (id: string) => string): string | undefined {
  const seen = new Map<string, string>();
  for (const [id, { Type, Condition, Properties = {} }] of Object.entries(resources)) {
    const [name] = NAMES[Type] ?? [];
    // If both resources have conditions, CloudFormation may create only one of them.
    if (Condition !== undefined || !isCertain(Properties[name])) continue;
    const key = JSON.stringify([Type, ...NAMES[Type].map(property => Properties[property])]);
    const other = seen.get(key);
    if (other !== undefined) {
      const got = `${JSON.stringify(Properties[name])} for ${nameOf(other)} and ${nameOf(id)}`;
      return `'${name}' must be different for each ${Type}, got ${got}. Choose another name, or leave it out.`;
    }
    seen.set(key, id);
  }
  return undefined;
}

/** Whether a name is given and does not depend on a condition or transform, so that equal texts are equal names. */
function isCertain(name: unknown): boolean {
  return name !== undefined && !/"(Fn::If|AWS::NoValue|Fn::Transform)"/.test(JSON.stringify(name));
}

// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html
const LARGEST_TASK_DEFINITION = 64 * 1024;

/** Reports a task definition that is too large. Only known text counts, so the real size is larger. */
function largeTaskDefinition(resources: Resources, nameOf: (id: string) => string): string | undefined {
  const [found] = Object.entries(resources).filter(([, { Type }]) => Type === 'AWS::ECS::TaskDefinition')
    .map(([id, { Properties }]) => ({ id, bytes: knownBytes(Properties) })).filter(({ bytes }) => bytes > LARGEST_TASK_DEFINITION);
  return found && [
    `'containers' must fit into a task definition of 64 KiB, got at least ${found.bytes} bytes in ${nameOf(found.id)}.`,
    'Store large values in a file of the image, in S3 or in SSM Parameter Store.',
  ].join(' ');
}

/** The bytes of all text in a value, without the names of properties, the intrinsic functions and the tags. */
function knownBytes(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).filter(([name]) => name !== 'Tags').reduce((sum, [, each]) => sum + knownBytes(each), 0);
}
