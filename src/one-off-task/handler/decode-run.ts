import { propertyText, wrongProperty } from '../../custom-resource/text';
import { isObject } from '../../engine/json';
import type { RunContainerProperties, OneOffTaskProperties } from '../one-off-task-properties';

/** The task that the custom resource requests. */
export interface TaskRunRequest {
  readonly cluster: string;
  readonly taskDefinition: string;
  readonly launchType: string;
  /** @default - not passed to ECS */
  readonly platformVersion?: string;
  readonly subnets: readonly string[];
  readonly securityGroups: readonly string[];
  /** @default - not passed to ECS */
  readonly assignPublicIp?: string;
  readonly timeoutMilliseconds: number;
  readonly containers: readonly RunContainer[];
  /** @default - no log is read */
  readonly logGroup?: string;
  readonly logLines: number;
}

/** A container of the task. */
export interface RunContainer {
  readonly name: string;
  readonly isEssential: boolean;
  /** @default - the container logs elsewhere */
  readonly streamPrefix?: string;
}

type Properties = Readonly<Record<string, unknown>>;
type Name = keyof OneOffTaskProperties | keyof RunContainerProperties;

/** Parses the properties of the custom resource. Throws a sentence about the first error. */
export function decodeRun(properties: Properties): TaskRunRequest {
  text(properties, 'SchemaVersion', /^1$/, "'1', the only version that this handler supports");
  const optional = (name: Name, pattern: RegExp, must: string) => properties[name] === undefined ? undefined : text(properties, name, pattern, must);
  return {
    cluster: text(properties, 'Cluster', /^arn:[^:]+:ecs:/, 'the ARN of a cluster'),
    taskDefinition: text(properties, 'TaskDefinition', /^arn:[^:]+:ecs:.*:task-definition\/.+:\d+$/, 'the ARN of a task definition'),
    launchType: text(properties, 'LaunchType', /^(FARGATE|EC2)$/, 'FARGATE or EC2'),
    platformVersion: optional('PlatformVersion', /^[\w.]+$/, 'LATEST or a number'),
    subnets: texts(properties, 'Subnets'),
    securityGroups: texts(properties, 'SecurityGroups'),
    assignPublicIp: optional('AssignPublicIp', /^(ENABLED|DISABLED)$/, 'ENABLED or DISABLED'),
    timeoutMilliseconds: 1000 * Number(text(properties, 'TimeoutSeconds', /^\d{1,4}$/, 'a number of seconds')),
    containers: list(properties, 'Containers').map(each => decodeContainer(isObject(each) ? each : {})),
    logGroup: optional('LogGroup', /./, 'the name of a log group'),
    logLines: Number(text(properties, 'LogLines', /^\d{1,3}$/, 'a number of lines')),
  };
}

function decodeContainer(properties: Properties): RunContainer {
  return {
    name: text(properties, 'Name', /./, 'the name of a container'),
    isEssential: text(properties, 'Essential', /^(true|false)$/, 'true or false') === 'true',
    streamPrefix: properties.StreamPrefix === undefined ? undefined : text(properties, 'StreamPrefix', /./, 'the beginning of a log stream'),
  };
}

function list(properties: Properties, name: Name): unknown[] {
  const value = properties[name];
  if (Array.isArray(value) && value.length > 0) return value;
  throw wrongProperty(name, 'a list with something in it', value);
}

function texts(properties: Properties, name: Name): string[] {
  return list(properties, name).map(each => typeof each === 'string' ? each : '').filter(each => each !== '');
}

function text(properties: Properties, name: Name, pattern: RegExp, must: string): string {
  return propertyText(properties, name, value => pattern.test(value), must);
}
