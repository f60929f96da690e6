import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { App, NestedStack, RemovalPolicy, Stack, Stage } from 'aws-cdk-lib';
import { AttributeType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Function as LambdaFunction, InlineCode, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { checkStacks } from '../../src/migration-check/check-migration';
import { run } from '../../src/migration-check/command';
import { Resource } from '../../src/migration-check/comparison';
import { Finding } from '../../src/migration-check/finding';
import { Stack as CheckedStack } from '../../src/migration-check/nested-stacks';

let folder: string;
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'nested-'));
});
afterEach(() => fs.rmSync(folder, { recursive: true }));

interface Program { (stack: Stack): void }

/** The assembly of a program, as `cdk synth` writes it. Returns its folder. */
function assembly(name: string, program: Program, context: Record<string, unknown> = {}): string {
  const app = new App({
    outdir: path.join(folder, name), treeMetadata: false,
    context: { 'aws:cdk:enable-asset-metadata': true, 'aws:cdk:enable-path-metadata': true, ...context },
  });
  program(new Stack(app, 'Shop', { env: { account: '111122223333', region: 'eu-west-1' } }));
  return app.synth().directory;
}

/** The files of a deployed program: the stack, and each nested stack by its logical ID. */
function deployedFiles(name: string, program: Program): { stack: string; nested: Map<string, string> } {
  const directory = assembly(name, program);
  const nested = new Map<string, string>();
  const collect = (file: string, prefix: string) => {
    const { Resources } = JSON.parse(fs.readFileSync(file, 'utf8')) as { Resources: Record<string, { Type: string; Metadata?: Record<string, string> }> };
    for (const [id, { Type, Metadata = {} }] of Object.entries(Resources)) {
      if (Type !== 'AWS::CloudFormation::Stack') continue;
      const child = path.join(directory, Metadata['aws:asset:path']);
      nested.set(prefix + id, child);
      collect(child, `${prefix}${id}/`);
    }
  };
  collect(path.join(directory, 'Shop.template.json'), '');
  return { stack: path.join(directory, 'Shop.template.json'), nested };
}

function command(...args: string[]): { code: number; out: string; problem: string } {
  let [out, problem] = ['', ''];
  const code = run(['check-migration', ...args], text => { out += text; }, text => { problem += text; });
  return { code, out, problem };
}

/** The findings for two programs, with the deployed templates of all nested stacks, as `severity subject: what`. */
function check(before: Program, after: Program): string[] {
  const { stack, nested } = deployedFiles('before', before);
  const files = [...nested].flatMap(([id, file]) => ['--nested', `${id}=${file}`]);
  const { out, problem } = command('--json', '--deployed', stack, ...files, '--app', assembly('after', after));
  expect(problem).toBe('');
  return (JSON.parse(out) as Finding[]).map(({ severity, subject, what }) => `${severity} ${subject.replace(/ \(.*\)/, '')}: ${what}`);
}

const nestedIn = (scope: Construct, id = 'Data') => new NestedStack(scope, id);
const DATA = 'DataNestedStackDataNestedStackResourceEC94013D';

describe('the resources of nested stacks are compared:', () => {
  test('equal programs have no findings', () => {
    const program = (stack: Stack) => { new Repository(nestedIn(nestedIn(stack), 'Inner'), 'Images'); };

    expect(check(program, program)).toEqual([]);
  });

  test('a repository that gets another name is replaced', () => {
    const program = (repositoryName: string) => (stack: Stack) => { new Repository(nestedIn(stack), 'Images', { repositoryName }); };

    expect(check(program('one'), program('two'))).toEqual([
      `loses ${DATA}/Images2D38C313: AWS::ECR::Repository is replaced, because RepositoryName changes: the new one has no images.`,
    ]);
  });

  test('a table of a nested stack in a nested stack is deleted', () => {
    const table = (scope: Construct) => new Table(scope, 'Table', { partitionKey: { name: 'id', type: AttributeType.STRING } });
    const found = check(stack => table(nestedIn(nestedIn(stack), 'Inner')), stack => { new Topic(nestedIn(nestedIn(stack), 'Inner'), 'Topic'); });

    expect(found).toEqual([expect.stringMatching(new RegExp(`^changes ${DATA}/Inner[^/]+/Table[^/]+: AWS::DynamoDB::Table remains, but no stack manages it any more\\.$`))]);
  });

  test('a name that moves to another nested stack is still in use', () => {
    const program = (id: string) => (stack: Stack) => { new LogGroup(nestedIn(stack, id), 'Logs', { logGroupName: '/shop' }); };

    expect(check(program('Data'), program('Other'))).toContainEqual(
      expect.stringMatching(/^fails Other[^/]*\/Logs[^:]+: AWS::Logs::LogGroup has the name of Data[^/]*\/Logs.*, which is deleted later/),
    );
  });

  test('a repository that moves from a nested stack to its parent is another repository', () => {
    const found = check(stack => { new Repository(nestedIn(stack), 'Images', { repositoryName: 'shop' }); }, stack => { new Repository(stack, 'Images', { repositoryName: 'shop' }); });

    expect(found.filter(text => text.startsWith('fails'))).toEqual([expect.stringMatching(/^fails Images2D38C313: AWS::ECR::Repository has the name of Data/)]);
  });

  test('a nested stack that is removed is listed with each resource', () => {
    const found = check(stack => { new Repository(nestedIn(stack), 'Images', { emptyOnDelete: true, removalPolicy: RemovalPolicy.DESTROY }); new Topic(stack, 'Topic'); }, stack => { new Topic(stack, 'Topic'); });

    expect(found).toEqual([expect.stringMatching(/^loses Data[^/]*\/Images2D38C313: AWS::ECR::Repository is deleted with its content/)]);
  });
});

describe('references between a stack and its nested stacks are followed:', () => {
  const consumer = (scope: Construct, functionName: string) => new LambdaFunction(scope, 'Function', { functionName, runtime: Runtime.NODEJS_22_X, handler: 'index.handler', code: new InlineCode('//') });

  test('a parameter with another name and the same value is no change', () => {
    // The CDK derives the name of the parameter from the path of the topic, and the logical ID of the topic stays.
    const program = (group?: string) => (stack: Stack) => {
      const topic = new Topic(group === undefined ? stack : new Construct(stack, group), 'Topic');
      (topic.node.defaultChild as unknown as { overrideLogicalId(id: string): void }).overrideLogicalId('Topic');
      consumer(nestedIn(stack), topic.topicName);
    };

    expect(check(program(), program('Group'))).toEqual([]);
  });

  test('a parameter with another value replaces the resource that uses it', () => {
    const program = (name: string) => (stack: Stack) => { consumer(nestedIn(stack), new Topic(stack, 'Topic', { topicName: name }).topicName); };

    expect(check(program('one'), program('two')).join('\n')).toMatch(new RegExp(`${DATA}/Function[^:]+: AWS::Lambda::Function is replaced, because FunctionName changes`));
  });

  test('a parent and a sibling use the outputs of a nested stack', () => {
    const program = (name: string) => (stack: Stack) => {
      const topic = new Topic(nestedIn(stack), 'Topic', { topicName: name });
      consumer(stack, topic.topicName);
      consumer(nestedIn(stack, 'Other'), topic.topicName);
    };
    const found = check(program('one'), program('two')).join('\n');

    expect(found).toMatch(/ Function[^/:]+: AWS::Lambda::Function is replaced, because FunctionName changes/);
    expect(found).toMatch(/ Other[^/]*\/Function[^:]+: AWS::Lambda::Function is replaced, because FunctionName changes/);
    expect(check(program('one'), program('one'))).toEqual([]);
  });
});

describe('a nested stack whose template is not known is reported, and causes exit code 1:', () => {
  const program = (names: string[]) => (stack: Stack) => {
    new Topic(stack, 'Topic');
    names.forEach(name => new Repository(nestedIn(stack, name), 'Images', { repositoryName: name.toLowerCase() }));
  };

  test('the deployed one', () => {
    const { stack } = deployedFiles('before', program(['Data']));
    const changed = (parent: Stack) => { new Repository(nestedIn(parent), 'Images', { repositoryName: 'other' }); };
    const { code, out } = command('--deployed', stack, '--app', assembly('after', changed));

    expect(code).toBe(1);
    expect(out).toBe([
      `UNKNOWN  ${DATA} (Shop/Data.NestedStack/Data.NestedStackResource)`,
      '         is a nested stack that was not compared, because its deployed template is not known.',
      `         Fix: Pass its deployed template: --nested ${DATA}=FILE.`,
      '', '0 would fail, 0 would get lost, 0 would change. Not compared: 1 nested stack.', '',
    ].join('\n'));
  });

  test('the new one, because the assembly has no metadata', () => {
    const { stack, nested } = deployedFiles('before', program(['Data']));
    const app = assembly('after', program(['Data', 'More']), { 'aws:cdk:enable-asset-metadata': false });
    const { code, out } = command('--json', '--deployed', stack, '--nested', `${DATA}=${nested.get(DATA)}`, '--app', app);
    const findings = JSON.parse(out) as Finding[];

    expect(code).toBe(1);
    expect(findings.map(({ severity, what }) => `${severity}: ${what}`)).toEqual(Array(2).fill('unknown: is a nested stack that was not compared, because its new template is not known.'));
    expect(findings[0].fix).toContain('--no-asset-metadata');
  });

  test('but not one that stays the same, because its URL contains the hash of its template', () => {
    const { stack } = deployedFiles('before', program(['Data']));

    expect(command('--deployed', stack, '--app', assembly('after', program(['Data'])))).toEqual({ code: 0, out: 'Nothing fails, gets lost or changes its meaning.\n', problem: '' });
  });

  test('and not a new one, which only the new program has', () => {
    const { stack } = deployedFiles('before', program([]));

    expect(command('--deployed', stack, '--app', assembly('after', program(['Data'])))).toMatchObject({ code: 0 });
  });

  test('an inner one, with its path', () => {
    const inner = (name: string) => (stack: Stack) => { new Repository(nestedIn(nestedIn(stack), 'Inner'), 'Images', { repositoryName: name }); };
    const { stack, nested } = deployedFiles('before', inner('one'));
    const { out } = command('--deployed', stack, '--nested', `${DATA}=${nested.get(DATA)}`, '--app', assembly('after', inner('two')));

    expect(out).toMatch(new RegExp(`Fix: Pass its deployed template: --nested ${DATA}/Inner[A-Za-z0-9]+=FILE\\.`));
  });
});

test('a file for a nested stack that does not exist is reported with the existing ones', () => {
  const { stack, nested } = deployedFiles('before', parent => { new Repository(nestedIn(parent), 'Images'); });

  expect(command('--deployed', stack, '--nested', `Dat=${nested.get(DATA)}`, '--new', stack)).toMatchObject({
    code: 2, problem: `check-migration: The deployed template has no nested stack "Dat". It has: ${DATA}.\n`,
  });
});

test('the nested templates of a stack in a stage are found, and those of a template by hand, in YAML', () => {
  const app = new App({ outdir: path.join(folder, 'stages'), context: { 'aws:cdk:enable-asset-metadata': true } });
  new Repository(nestedIn(new Stack(new Stage(app, 'Prod'), 'Shop')), 'Images', { repositoryName: 'one' });
  const { directory } = app.synth();
  const byHand = path.join(folder, 'parent.yaml');
  fs.writeFileSync(byHand, `Resources:\n  ${DATA}: { Type: AWS::CloudFormation::Stack, Properties: { TemplateURL: ./child.yaml } }\n`);
  fs.writeFileSync(path.join(folder, 'child.yaml'), 'Resources:\n  Images2D38C313: { Type: AWS::ECR::Repository, Properties: { RepositoryName: two } }\n');
  const old = ['--deployed', byHand, '--nested', `${DATA}=${path.join(folder, 'child.yaml')}`];

  expect(command('Prod/Shop', ...old, '--app', directory).out).toContain('AWS::ECR::Repository is replaced, because RepositoryName changes');
  expect(command(...old, '--new', byHand)).toMatchObject({ code: 0 });
});

describe('without files, the AWS CLI is asked for the deployed templates', () => {
  /** Puts a program `aws` on the path that prints the file for each of its arguments, and writes them down. */
  function withAws<Result>(answers: Record<string, string>, use: () => Result): { result: Result; asked: string[] } {
    const bin = path.join(folder, 'bin');
    fs.mkdirSync(bin);
    const cases = Object.entries(answers).map(([args, file]) => `  "${args}") cat ${file};;`);
    fs.writeFileSync(path.join(bin, 'aws'), `#!/bin/sh\necho "$*" >> ${folder}/asked\ncase "$*" in\n${cases.join('\n')}\n  *) exit 1;;\nesac\n`, { mode: 0o755 });
    const { PATH } = process.env;
    process.env.PATH = `${bin}${path.delimiter}${PATH}`;
    try {
      return { result: use(), asked: fs.readFileSync(path.join(folder, 'asked'), 'utf8').trim().split('\n') };
    } finally {
      process.env.PATH = PATH;
    }
  }

  test('of the stack, and of each nested stack by its ARN', () => {
    const program = (name: string) => (stack: Stack) => { new Repository(nestedIn(nestedIn(stack), 'Inner'), 'Images', { repositoryName: name }); };
    const { stack, nested } = deployedFiles('before', program('one'));
    const [[, outer], [innerPath, inner]] = [...nested];
    const [, innerId] = innerPath.split('/');
    const arn = (name: string) => {
      fs.writeFileSync(path.join(folder, name), `arn:${name}\n`);
      return path.join(folder, name);
    };
    const get = (name: string) => `cloudformation get-template --stack-name ${name} --output json --region eu-west-1`;
    const describeNested = (name: string, id: string) =>
      `cloudformation describe-stack-resource --stack-name ${name} --logical-resource-id ${id} --query StackResourceDetail.PhysicalResourceId --output text --region eu-west-1`;
    const answers = {
      [get('Shop')]: stack, [describeNested('Shop', DATA)]: arn('outer'), [get('arn:outer')]: outer,
      [describeNested('arn:outer', innerId)]: arn('inner'), [get('arn:inner')]: inner,
    };
    const { result, asked } = withAws(answers, () => command('--app', assembly('after', program('two'))));

    expect(asked).toEqual(Object.keys(answers));
    expect(result).toMatchObject({ code: 1, out: expect.stringContaining('AWS::ECR::Repository is replaced, because RepositoryName changes') });
  });

  test('and a failure is reported with the option that replaces the question', () => {
    const program = (stack: Stack) => { new Repository(nestedIn(stack), 'Images'); };
    const { stack } = deployedFiles('before', program);
    const { result } = withAws({ 'cloudformation get-template --stack-name Shop --output json --region eu-west-1': stack }, () => command('--app', assembly('after', program)));

    expect(result).toMatchObject({ code: 2, problem: expect.stringContaining(`Run it elsewhere, and pass the deployed template of the nested stack with --nested ${DATA}=FILE.`) });
  });
});

test('a nested stack that is retained keeps its resources', () => {
  const program = (stack: Stack) => {
    new Topic(stack, 'Topic');
    new Repository(new NestedStack(stack, 'Data', { removalPolicy: RemovalPolicy.RETAIN }), 'Images', { removalPolicy: RemovalPolicy.DESTROY });
  };

  expect(check(program, stack => { new Topic(stack, 'Topic'); })).toEqual([expect.stringMatching(/^changes Data[^/]*\/Images2D38C313: AWS::ECR::Repository remains/)]);
});

describe('the order of a stack and its nested stack is known:', () => {
  const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
  const listener = (Port: number, DependsOn?: string[]): Resource => ({ Type: LISTENER, Properties: { LoadBalancerArn: 'lb', Port }, DependsOn });
  const stackOf = (outer: Record<string, Resource>, inner: Record<string, Resource>, DependsOn?: string[]): CheckedStack => ({
    template: { Resources: { ...outer, Nested: { Type: 'AWS::CloudFormation::Stack', DependsOn } } },
    nested: new Map([['Nested', { template: { Resources: inner }, nested: new Map() }]]),
  });
  const failing = (before: CheckedStack, after: CheckedStack) => checkStacks(before, after).map(({ subject }) => subject);

  test('a listener can take the port that a nested stack has made free before', () => {
    const before = stackOf({}, { Old: listener(80) });

    expect(failing(before, stackOf({ New: listener(80, ['Nested']) }, { Old: listener(443) }))).toEqual([]);
    expect(failing(before, stackOf({ New: listener(80) }, { Old: listener(443) }))).toEqual(['New']);
  });

  test('a nested stack can take the port that a listener has made free before', () => {
    const before = stackOf({ Old: listener(80) }, {});

    expect(failing(before, stackOf({ Old: listener(443) }, { New: listener(80) }, ['Old']))).toEqual([]);
    expect(failing(before, stackOf({ Old: listener(443) }, { New: listener(80) }))).toEqual(['Nested/New']);
  });
});
