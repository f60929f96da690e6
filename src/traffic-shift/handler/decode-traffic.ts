import { QueryValue } from '../../custom-resource/query-api';
import { propertyText, truncateUtf8, wrongProperty } from '../../custom-resource/text';
import { isObject, records } from '../../engine/json';
import type { Traffic, TrafficShiftListenerProperties, TrafficShiftRuleProperties, TrafficShiftTag } from '../traffic-shift-properties';

/** The two target groups of a service. */
export type TargetGroups = readonly [main: string, alternate: string];

/** The properties that rules and listeners share. */
interface DesiredForwarder {
  readonly usedBy: string;
  readonly groups: TargetGroups;
  readonly traffic: Traffic;
  readonly tags: readonly TrafficShiftTag[];
}

/** The rule that the template describes. */
export interface DesiredRule extends DesiredForwarder {
  readonly listener: string;
  readonly priority: number;
  readonly conditions: readonly QueryValue[];
}

/** The listener that the template describes. */
export interface DesiredListener extends DesiredForwarder {
  readonly loadBalancer: string;
  readonly port: number;
  readonly protocol: string;
  readonly certificate?: string;
  readonly sslPolicy?: string;
  readonly alpnPolicy?: string;
  readonly idleTimeout?: string;
}

/** The properties of an event. */
export type Properties = Readonly<Record<string, unknown>>;

const TRAFFIC: readonly Traffic[] = ['SHIFTS', 'TESTS', 'STAYS'];

const text = propertyText<keyof TrafficShiftRuleProperties | keyof TrafficShiftListenerProperties>;
const ARN = /^arn:[\w-]+:elasticloadbalancing:[\w-]+:\d{12}:[\w/.-]+$/;
const isArn = (value: string) => ARN.test(value);

/** Parses the properties of a rule. Throws a sentence about the first error. */
export function decodeRule(properties: Properties): DesiredRule {
  const { Conditions: conditions } = properties;
  if (!Array.isArray(conditions) || conditions.length === 0 || !conditions.every(isObject)) throw wrongProperty('Conditions', 'a list of conditions', typeof conditions);
  return {
    ...decodeCommon(properties),
    listener: text(properties, 'ListenerArn', isArn, 'the ARN of a listener'),
    priority: Number(text(properties, 'Priority', value => /^\d{1,5}$/.test(value), 'a priority')),
    conditions: conditions as QueryValue[],
  };
}

/** Parses the properties of a listener. Throws a sentence about the first error. */
export function decodeListener(properties: Properties): DesiredListener {
  const optional = (name: 'Certificate' | 'SslPolicy' | 'AlpnPolicy' | 'IdleTimeout') =>
    properties[name] === undefined ? undefined : text(properties, name, value => /^[\w:/.-]+$/.test(value), 'a value that ELB accepts');
  return {
    ...decodeCommon(properties),
    loadBalancer: text(properties, 'LoadBalancerArn', isArn, 'the ARN of a load balancer'),
    port: Number(text(properties, 'Port', value => /^\d{1,5}$/.test(value), 'a port')),
    protocol: text(properties, 'Protocol', value => /^[A-Z_]{2,20}$/.test(value), 'a protocol'),
    certificate: optional('Certificate'),
    sslPolicy: optional('SslPolicy'),
    alpnPolicy: optional('AlpnPolicy'),
    idleTimeout: optional('IdleTimeout'),
  };
}

function decodeCommon(properties: Properties): DesiredForwarder {
  text(properties, 'SchemaVersion', version => version === '1', "'1', the only version that this handler supports");
  const groups: readonly unknown[] = Array.isArray(properties.TargetGroups) ? properties.TargetGroups : [];
  const [main, alternate, ...others] = groups.map(each => text({ TargetGroups: each }, 'TargetGroups', isArn, 'ARNs of target groups'));
  if (alternate === undefined || others.length > 0 || main === alternate) throw wrongProperty('TargetGroups', 'two different target groups', groups.join());
  return {
    usedBy: truncateUtf8(text(properties, 'UsedBy', () => true, 'a text'), 200),
    groups: [main, alternate],
    traffic: text(properties, 'Traffic', value => TRAFFIC.includes(value as Traffic), TRAFFIC.join(' or ')) as Traffic,
    tags: tagsIn(properties),
  };
}

/** The tags in the current or earlier properties. */
export function tagsIn({ Tags }: Properties): TrafficShiftTag[] {
  return records(Tags).map(({ Key, Value }) => ({ Key: String(Key), Value: String(Value) }));
}
