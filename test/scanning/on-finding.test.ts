import { App, CfnOutput, Stack } from 'aws-cdk-lib';
import { IRuleTarget, Rule } from 'aws-cdk-lib/aws-events';
import { SnsTopic, SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { IImageRepository, ImageRepository, Severity } from '../../src';
import { matches } from '../helpers/event-pattern';
import { APP, newStack, Template } from '../helpers/stack';

const ENV = { account: '111122223333', region: 'eu-west-1' };

/** The rule of a repository named `team/web`. */
function patternFor(severity: Severity) {
  const stack = newStack();
  new ImageRepository(stack, 'Repository', { repositoryName: 'team/web' }).onFinding('Findings', { severity, target: new SnsTopic(new Topic(stack, 'Topic')) });
  const template = Template.fromStack(stack);
  const [[name]] = Object.entries(template.findResources('AWS::ECR::Repository'));
  const [{ Properties }] = Object.values(template.findResources('AWS::Events::Rule'));
  return JSON.parse(JSON.stringify(Properties.EventPattern).split(JSON.stringify({ Ref: name })).join('"team/web"'));
}

/** As Amazon ECR sends it, https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-eventbridge.html */
function scanEvent(counts: Readonly<Record<string, number>>, repository = 'team/web', status = 'COMPLETE') {
  return {
    'version': '0', 'detail-type': 'ECR Image Scan', 'source': 'aws.ecr', 'account': '123456789012', 'region': 'us-east-1',
    'resources': [`arn:aws:ecr:us-east-1:123456789012:repository/${repository}`],
    'detail': { 'scan-status': status, 'repository-name': repository, 'finding-severity-counts': counts, 'image-digest': 'sha256:7f5b', 'image-tags': [] },
  };
}

/** As Amazon Inspector sends it, https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced-events.html */
function findingEvent(severity: string, repositoryName = 'team/web', status = 'ACTIVE') {
  return {
    'version': '0', 'detail-type': 'Inspector2 Finding', 'source': 'aws.inspector2', 'account': '123456789012', 'region': 'us-east-2',
    'resources': [`arn:aws:ecr:us-east-2:123456789012:repository/${repositoryName}/sha256:36c7`],
    'detail': {
      severity, status, title: 'CVE-2019-17498 - libssh2', type: 'PACKAGE_VULNERABILITY',
      resources: [{ type: 'AWS_ECR_CONTAINER_IMAGE', details: { awsEcrContainerImage: { architecture: 'amd64', imageHash: 'sha256:36c7', repositoryName } } }],
    },
  };
}

describe('a target is notified', () => {
  const high = patternFor(Severity.HIGH);

  test.each<[string, object, boolean]>([
    ['of a scan that finds something of the severity', scanEvent({ HIGH: 1, LOW: 9 }), true],
    ['of a scan that finds something worse', scanEvent({ CRITICAL: 10 }), true],
    ['not of a scan that finds less', scanEvent({ MEDIUM: 99, UNDEFINED: 1 }), false],
    ['not of a count of zero', scanEvent({ HIGH: 0, CRITICAL: 0 }), false],
    ['not about a scan without findings', scanEvent({}), false],
    ['not of a scan in another repository', scanEvent({ CRITICAL: 1 }, 'team/web-admin'), false],
    ['not of a scan that failed', scanEvent({ CRITICAL: 1 }, 'team/web', 'FAILED'), false],
    ['of a finding of Inspector of the severity', findingEvent('HIGH'), true],
    ['of a finding of Inspector that is worse', findingEvent('CRITICAL'), true],
    ['not of a lesser finding of Inspector', findingEvent('MEDIUM'), false],
    ['not about an Inspector finding without a severity', findingEvent('UNTRIAGED'), false],
    ['not of a finding of Inspector that is closed or suppressed', findingEvent('CRITICAL', 'team/web', 'CLOSED'), false],
    ['not of a finding of Inspector in another repository', findingEvent('CRITICAL', 'team/web-admin'), false],
    ['not of a push', { 'source': 'aws.ecr', 'detail-type': 'ECR Image Action', 'detail': { 'repository-name': 'team/web', 'result': 'SUCCESS' } }, false],
  ])('%s', (_, event, expected) => {
    expect(matches(high, event)).toBe(expected);
  });

  test.each(Object.values(Severity))('about findings of %s or above, and about none below', severity => {
    const all = Object.values(Severity);
    const pattern = patternFor(severity);
    const told = (event: (name: string) => object) => all.filter(each => matches(pattern, event(each)));

    expect(told(name => scanEvent({ [name]: 3 }))).toEqual(all.slice(0, all.indexOf(severity) + 1));
    expect(told(name => findingEvent(name))).toEqual(all.slice(0, all.indexOf(severity) + 1));
  });

  test.each(Object.values(Severity))('about findings without a severity as if they were INFORMATIONAL: asked for %s', severity => {
    const pattern = patternFor(severity);
    const isTold = severity === Severity.INFORMATIONAL;

    expect(matches(pattern, scanEvent({ UNDEFINED: 1 }))).toBe(isTold);
    expect(matches(pattern, findingEvent('UNTRIAGED'))).toBe(isTold);
  });
});

test('each call creates the rule with the given id below the repository, and returns it', () => {
  const stack = newStack();
  const repository = new ImageRepository(stack, 'Repository');
  const rule = repository.onFinding('High', { severity: Severity.HIGH, target: new SnsTopic(new Topic(stack, 'Topic')) });
  rule.addTarget(new SqsQueue(new Queue(stack, 'Queue')));
  repository.onFinding('Critical', { severity: Severity.CRITICAL, target: new SqsQueue(new Queue(stack, 'Other')) });

  expect(rule).toBeInstanceOf(Rule);
  expect(rule.node.path).toBe('Stack/Repository/High');
  const rules = Object.values(Template.fromStack(stack).findResources('AWS::Events::Rule'));
  expect(rules.map(({ Properties }) => Properties.Targets.length)).toEqual([2, 1]);
});

describe('for a repository in another stack', () => {
  /** The stack of a repository, and a stack that uses its image and wants notifications. */
  function stacks() {
    const app = new App();
    const base = new Stack(app, 'Base');
    const web = new Stack(app, 'Web');
    const repository = new ImageRepository(base, 'Repository');
    new CfnOutput(web, 'Image', { value: repository.buildAndPushImage(APP, { scope: web }).imageUri });
    return { app, base, web, repository };
  }

  test('a topic of the stack that uses the images can be the target: the rule is in that stack, and names the repository', () => {
    const { app, base, web, repository } = stacks();
    const rule = repository.onFinding('Findings', { severity: Severity.HIGH, target: new SnsTopic(new Topic(web, 'Topic')), scope: web });

    app.synth();
    Template.fromStack(base).resourceCountIs('AWS::Events::Rule', 0);
    const template = Template.fromStack(web);
    const [{ Properties }] = Object.values(template.findResources('AWS::Events::Rule'));
    expect(rule.stack).toBe(web);
    const [name] = Properties.EventPattern.detail.$or[0]['repository-name'];
    expect(name).toEqual({ 'Fn::ImportValue': expect.stringMatching(/^Base:ExportsOutputRefRepository/) });
    expect(JSON.stringify(Properties.Targets)).toContain(Object.keys(template.findResources('AWS::SNS::Topic'))[0]);
  });

  test('CDK cannot order the stacks without that scope, as the documentation says', () => {
    const { app, web, repository } = stacks();
    repository.onFinding('Findings', { severity: Severity.HIGH, target: new SnsTopic(new Topic(web, 'Topic')) });

    expect(() => app.synth()).toThrow(/would create a cyclic reference/);
  });

  test('a call from another region or account is rejected, because the events never get there', () => {
    const app = new App();
    const repository = new ImageRepository(new Stack(app, 'Stack', { env: ENV }), 'Repository', { repositoryName: 'team/web' });
    const tellFrom = (id: string, env: object) => {
      const scope = new Stack(app, id, { env: { ...ENV, ...env } });
      repository.onFinding('Findings', { severity: Severity.HIGH, target: new SnsTopic(new Topic(scope, 'Topic')), scope });
    };

    expect(() => tellFrom('OtherRegion', { region: 'us-east-1' })).toThrow(
      "Stack/Repository: 'onFinding.scope' must be in the region of the repository, because its events stay there, got \"us-east-1\". "
      + 'Pass a construct in a stack of eu-west-1: { scope }.',
    );
    expect(() => tellFrom('OtherAccount', { account: '444455556666' })).toThrow(
      "Stack/Repository: 'onFinding.scope' must be in the account of the repository, because its events stay there, got \"444455556666\". "
      + 'Pass a construct in a stack of 111122223333: { scope }.',
    );
  });
});

describe('for an imported repository', () => {
  const target: IRuleTarget = { bind: () => ({ arn: 'arn:aws:sns:eu-west-1:111122223333:topic' }) };
  const importedFrom = (region: string): IImageRepository => ImageRepository.fromRepositoryArn(
    new Stack(new App(), 'Stack', { env: ENV }), 'Imported', `arn:aws:ecr:${region}:111122223333:repository/team/web`,
  );

  test('the target is notified too', () => {
    const repository = importedFrom('eu-west-1');
    repository.onFinding('Findings', { severity: Severity.LOW, target });

    const [{ Properties }] = Object.values(Template.fromStack(repository.stack).findResources('AWS::Events::Rule'));
    expect(matches(Properties.EventPattern, scanEvent({ LOW: 1 }))).toBe(true);
  });

  test('a call in another region is rejected, because the events of the repository never get there', () => {
    expect(() => importedFrom('us-east-1').onFinding('Findings', { severity: Severity.LOW, target })).toThrow(
      "Stack/Imported: 'onFinding.scope' must be in the region of the repository, because its events stay there, got \"eu-west-1\". "
      + 'Pass a construct in a stack of us-east-1: { scope }.',
    );
  });

  test('a call in another region is accepted in a stack of that region', () => {
    const repository = importedFrom('us-east-1');
    const scope = new Stack(repository.node.root, 'There', { env: { ...ENV, region: 'us-east-1' } });
    repository.onFinding('Findings', { severity: Severity.LOW, target, scope });

    const [{ Properties }] = Object.values(Template.fromStack(scope).findResources('AWS::Events::Rule'));
    expect(matches(Properties.EventPattern, scanEvent({ LOW: 1 }))).toBe(true);
  });
});
