import * as fs from 'fs';
import * as path from 'path';
import { markdownPage } from '../helpers/markdown';

const AWS_CDK = path.dirname(require.resolve('aws-cdk-lib/package.json'));

/** The property names of a struct of aws-cdk-lib, without those that are deprecated. */
function propertiesOf(file: string, struct: string): string[] {
  const text = fs.readFileSync(path.join(AWS_CDK, `${file}.d.ts`), 'utf8');
  const [, body] = new RegExp(`export interface ${struct}\\b[^{]*\\{([^]*?)\\n\\}`).exec(text) as RegExpExecArray;
  const properties = [...body.matchAll(/(\/\*\*(?:(?!\*\/)[^])*\*\/)?\s*readonly (\w+)\??:/g)];
  return properties.filter(([, comment = '']) => !comment.includes('@deprecated')).map(([,, name]) => name);
}

const PATTERNS = 'aws-ecs-patterns/lib';
const FARGATE = [`${PATTERNS}/base/fargate-service-base`, 'FargateServiceBaseProps'] as const;
const APPLICATION = [`${PATTERNS}/base/application-load-balanced-service-base`, 'ApplicationLoadBalancedServiceBaseProps'] as const;
const APPLICATION_IMAGE = [APPLICATION[0], 'ApplicationLoadBalancedTaskImageOptions'] as const;
const NETWORK = `${PATTERNS}/base/network-load-balanced-service-base`;
const QUEUE = `${PATTERNS}/base/queue-processing-service-base`;
const SCHEDULED = `${PATTERNS}/base/scheduled-task-base`;

test.each([
  ['ApplicationLoadBalancedFargateService', 'aws-ecs-patterns', [
    FARGATE, APPLICATION, APPLICATION_IMAGE, [`${PATTERNS}/fargate/application-load-balanced-fargate-service`, 'ApplicationLoadBalancedFargateServiceProps'],
  ]],
  ['NetworkLoadBalancedFargateService', 'network-and-ec2-services', [
    FARGATE, [NETWORK, 'NetworkLoadBalancedServiceBaseProps'], [NETWORK, 'NetworkLoadBalancedTaskImageOptions'],
    [`${PATTERNS}/fargate/network-load-balanced-fargate-service`, 'NetworkLoadBalancedFargateServiceProps'],
  ]],
  ['ApplicationLoadBalancedEc2Service', 'network-and-ec2-services', [
    APPLICATION, APPLICATION_IMAGE, [`${PATTERNS}/ecs/application-load-balanced-ecs-service`, 'ApplicationLoadBalancedEc2ServiceProps'],
  ]],
  ['ecs.Ec2Service', 'network-and-ec2-services', [['aws-ecs/lib/base/base-service', 'BaseServiceOptions'], ['aws-ecs/lib/ec2/ec2-service', 'Ec2ServiceProps']]],
  ['QueueProcessingFargateService', 'queue-and-scheduled-tasks', [
    FARGATE, [QUEUE, 'QueueProcessingServiceBaseProps'], [`${PATTERNS}/fargate/queue-processing-fargate-service`, 'QueueProcessingFargateServiceProps'],
  ]],
  ['ScheduledFargateTask', 'queue-and-scheduled-tasks', [
    [SCHEDULED, 'ScheduledTaskBaseProps'], [SCHEDULED, 'ScheduledTaskImageProps'], [`${PATTERNS}/fargate/scheduled-fargate-task`, 'ScheduledFargateTaskProps'], FARGATE,
  ]],
] as const)('every option of %s is in the guide %s', (_, guide, structs) => {
  const names = structs.flatMap(([file, struct]) => propertiesOf(file, struct));
  const words = new Set(markdownPage(`docs/guides/migrating/${guide}.md`).lines.flatMap(line => line.match(/`[^`]+`/g) ?? []).join(' ').match(/\w+/g));

  expect(names.length).toBeGreaterThan(10);
  expect(names.filter(name => !words.has(name))).toEqual([]);
});
