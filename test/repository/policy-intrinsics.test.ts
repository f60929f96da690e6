import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { Aws, CfnCondition, CfnMapping, CfnOutput, CfnParameter, Fn, Lazy, NestedStack, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { CfnRepository } from 'aws-cdk-lib/aws-ecr';
import { AccountPrincipal, AnyPrincipal, ArnPrincipal, PolicyStatement, PolicyStatementProps } from 'aws-cdk-lib/aws-iam';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import * as fc from 'fast-check';
import { ImageRepository } from '../../src';
import { brokenRule, StatementJson } from '../../src/repository/access/statement-rules';
import { runsOf, share } from '../helpers/exhaustive';
import { allConditions, either, hidden, left, listOf, NO_VALUE, objectOf, Sections, sectionsWith, Written } from '../helpers/intrinsics';
import { OWN } from '../helpers/repository-policy';
import { newStack, Template } from '../helpers/stack';
import { messageOf } from '../helpers/wrong-input';

const pull = ['ecr:BatchGetImage'];
const other = [new AccountPrincipal('111122223333')];
const organization = { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } };

const OPEN = /'statement Mine' must have a condition that is true for certain organizations or accounts only/;
const PARTIAL = /'statement Mine' must have complete principals/;
const WRITES = /'statement Mine' must list its principals/;
const ADMINISTERS = /'statement Mine' must allow administration of the repository only to its own account/;

const conditionOn = (stack: Stack) => {
  const parameter = new CfnParameter(stack, 'Choice', { default: 'no' });
  return new CfnCondition(stack, 'Chosen', { expression: Fn.conditionEquals(parameter.valueAsString, 'yes') });
};

/** The error message for a statement, thrown at once or at the end of synthesis. */
function synthesized(statement: (stack: Stack) => PolicyStatementProps, stack = newStack(OWN)): string {
  return messageOf(() => {
    new ImageRepository(stack, 'Repository').addToResourcePolicy(new PolicyStatement({ sid: 'Mine', ...statement(stack) }));
    Template.fromStack(stack);
  });
}

/** The same for a statement in the L1 resource. */
function synthesizedText(policy: (stack: Stack) => unknown, stack = newStack(OWN)): string {
  return messageOf(() => {
    (new ImageRepository(stack, 'Repository').node.defaultChild as CfnRepository).repositoryPolicyText = policy(stack);
    Template.fromStack(stack);
  });
}

// Every intrinsic function that can hide a text in a template.
const WAYS: Array<[string, (stack: Stack, text: string) => string]> = [
  ['Fn::Sub', (_, text) => Fn.sub(text)],
  ['a variable of Fn::Sub', (_, text) => Fn.sub('${Who}', { Who: text })],
  ['Fn::Join', (_, text) => Fn.join('', [text.slice(0, 2), Fn.sub(text.slice(2))])],
  ['Fn::Select', (_, text) => Fn.select(1, ['a', Fn.sub(text)])],
  ['Fn::Split', (_, text) => Fn.select(1, Fn.split(',', Fn.sub(`a,${text}`)))],
  ['a mapping', (stack, text) => new CfnMapping(stack, 'Map', { mapping: { who: { all: text } } }).findInMap('who', 'all')],
  ['a mapping by region', (stack, text) => new CfnMapping(stack, 'Map', { mapping: { 'us-east-1': { who: '111122223333' }, 'eu-west-1': { who: text } } }).findInMap(Aws.REGION, 'who')],
  ['the default of a mapping', (_, text) => Fn.findInMap('Map', 'a', 'b', text)],
  ['the default of a parameter', (stack, text) => new CfnParameter(stack, 'Who', { default: text }).valueAsString],
  ['an allowed value of a parameter', (stack, text) => new CfnParameter(stack, 'Who', { allowedValues: [text, text.toUpperCase()] }).valueAsString],
  ['an item of a parameter', (stack, text) => Fn.select(1, new CfnParameter(stack, 'Who', { type: 'CommaDelimitedList', default: `a, ${text}` }).valueAsList)],
  ['a branch of Fn::If', (stack, text) => Fn.conditionIf(conditionOn(stack).logicalId, '…', text).toString()],
  ['a branch of a branch', (stack, text) => Fn.conditionIf(conditionOn(stack).logicalId, Fn.conditionIf('Other', '…', text), '…').toString()],
  ['an export of another stack', (stack, text) => {
    new CfnOutput(new Stack(stack.node.scope, 'Exporting', OWN), 'Output', { value: text, exportName: 'who' });
    return Fn.importValue('who');
  }],
  ['a reference to a parameter of another stack', (stack, text) => new CfnParameter(new Stack(stack.node.scope, 'Exporting', OWN), 'Who', { default: text }).valueAsString],
  ['an output of a nested stack', (stack, text) => new CfnParameter(new NestedStack(stack, 'Nested'), 'Who', { default: text }).valueAsString],
  ['a template that is included', (stack, text) => {
    const templateFile = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'included-')), 'template.json');
    fs.writeFileSync(templateFile, JSON.stringify({ Parameters: { Who: { Type: 'String', Default: text } } }));
    return new CfnInclude(stack, 'Included', { templateFile }).getParameter('Who').valueAsString;
  }],
  ['a value that is made late', (_, text) => Lazy.string({ produce: () => Fn.sub(text) })],
];

describe.each(WAYS)('%s does not hide', (_, hide) => {
  test('everybody', () => {
    expect(synthesized(stack => ({ principals: [new ArnPrincipal(hide(stack, '*'))], actions: pull }))).toMatch(OPEN);
  });

  test('a wildcard in a part of a principal', () => {
    expect(synthesized(stack => ({ principals: [new ArnPrincipal(hide(stack, 'arn:aws:iam::*:root'))], actions: pull }))).toMatch(PARTIAL);
  });

  test('an organization with a wildcard', () => {
    expect(synthesized(stack => ({
      principals: [new AnyPrincipal()], actions: pull, conditions: { StringLike: { 'aws:PrincipalOrgID': hide(stack, 'o-*') } },
    }))).toMatch(OPEN);
  });

  test('an action that an organization is not allowed to have', () => {
    expect(synthesized(stack => ({ principals: [new AnyPrincipal()], actions: [hide(stack, 'ecr:*')], conditions: organization }))).toMatch(WRITES);
  });

  test('an action that another account is not allowed to have', () => {
    expect(synthesized(stack => ({ principals: other, actions: [...pull, hide(stack, 'ecr:Delete*')] }))).toMatch(ADMINISTERS);
  });

  test('an action that is not an ECR action', () => {
    expect(synthesized(stack => ({ principals: other, actions: [hide(stack, 's3:GetObject')] }))).toMatch(/must have actions that ECR supports for a repository, got "s3:GetObject"/);
  });

  test('a valid principal, which is accepted', () => {
    expect(synthesized(stack => ({ principals: [new ArnPrincipal(hide(stack, '111122223333'))], actions: pull }))).toBe('accepted');
  });
});

describe('every branch of Fn::If is checked,', () => {
  const chosen = (stack: Stack, yes: unknown, no: unknown) => Fn.conditionIf(conditionOn(stack).logicalId, yes, no);
  const everybody = { Sid: 'Mine', Effect: 'Allow', Action: 'ecr:BatchGetImage', Principal: '*' };
  const pinned = { ...everybody, Condition: organization };

  test.each<[string, (stack: Stack) => unknown, RegExp]>([
    ['of a whole policy', stack => chosen(stack, { Statement: [pinned] }, { Statement: [everybody] }), OPEN],
    ['of all statements', stack => ({ Statement: chosen(stack, [everybody], [pinned]) }), OPEN],
    ['of a statement', stack => ({ Statement: [chosen(stack, everybody, NO_VALUE)] }), OPEN],
    ['of a principal', stack => ({ Statement: { ...everybody, Principal: chosen(stack, '111122223333', '*') } }), OPEN],
    ['of a kind of principal', stack => ({ Statement: { ...everybody, Principal: { AWS: chosen(stack, ['111122223333', '*'], NO_VALUE) } } }), OPEN],
    ['of one of several principals, which is a list', stack => ({ Statement: { ...everybody, Principal: { AWS: ['111122223333', chosen(stack, ['222233334444', '*'], NO_VALUE)] } } }), OPEN],
    ['of one of several values, which is a list', stack => ({ Statement: [{ ...everybody, Condition: { StringLike: { 'aws:PrincipalOrgID': ['o-a1b2c3d4e5', chosen(stack, ['o-*'], NO_VALUE)] } } }] }), OPEN],
    ['of everybody but some', stack => ({ Statement: [{ Sid: 'Mine', Effect: 'Allow', Action: 'ecr:BatchGetImage', NotPrincipal: chosen(stack, { AWS: '111122223333' }, '222233334444') }] }), OPEN],
    ['of an effect', stack => ({ Statement: [{ ...everybody, Effect: chosen(stack, 'Deny', 'Allow') }] }), OPEN],
    ['of actions', stack => ({ Statement: [{ ...pinned, Action: chosen(stack, pull, ['ecr:PutImage']) }] }), WRITES],
    ['of an action', stack => ({ Statement: [{ ...pinned, Action: [...pull, chosen(stack, 'ecr:PutImage', NO_VALUE)] }] }), WRITES],
    ['of all actions but some', stack => ({ Statement: [{ Sid: 'Mine', Effect: 'Allow', Principal: { AWS: '111122223333' }, NotAction: chosen(stack, ['ecr:PutImage'], ['ecr:BatchGetImage']) }] }), ADMINISTERS],
    ['of conditions', stack => ({ Statement: [{ ...everybody, Condition: chosen(stack, organization, NO_VALUE) }] }), OPEN],
    ['of an operator', stack => ({ Statement: [{ ...everybody, Condition: { StringEquals: chosen(stack, organization.StringEquals, { 'aws:PrincipalType': 'User' }) } }] }), OPEN],
    ['of a key', stack => ({ Statement: [{ ...everybody, Condition: { StringLike: { 'aws:PrincipalOrgID': chosen(stack, 'o-a1b2c3d4e5', '*') } } }] }), OPEN],
    ['of a value among others', stack => ({ Statement: [{ ...everybody, Condition: { StringLike: { 'aws:PrincipalOrgID': ['o-a1b2c3d4e5', chosen(stack, 'o-*', NO_VALUE)] } } }] }), OPEN],
    ['of a resource', stack => ({ Statement: [{ ...pinned, Resource: chosen(stack, NO_VALUE, '*') }] }), /must have no resource/],
  ])('%s', (_, policy, message) => {
    expect(synthesizedText(policy)).toMatch(message);
  });

  test('but a wildcard and its condition can depend on the same Fn::If', () => {
    expect(synthesizedText(stack => {
      const condition = conditionOn(stack);
      const name = condition.logicalId;
      new CfnCondition(stack, 'NotChosen', { expression: Fn.conditionNot(condition) });
      return {
        Statement: [
          { ...everybody, Principal: Fn.conditionIf(name, '*', '111122223333'), Condition: Fn.conditionIf(name, organization, NO_VALUE) },
          { ...everybody, Principal: Fn.conditionIf(name, '*', '111122223333'), Condition: Fn.conditionIf('NotChosen', NO_VALUE, organization) },
        ],
      };
    })).toBe('accepted');
  });

  test('but not the branch without a repository', () => {
    const stack = newStack(OWN);
    const condition = new CfnCondition(stack, 'InProduction', { expression: Fn.conditionEquals(Aws.STACK_NAME, 'production') });
    const resource = new ImageRepository(stack, 'Repository').node.defaultChild as CfnRepository;
    resource.repositoryPolicyText = { Statement: [{ ...everybody, Condition: Fn.conditionIf('InProduction', organization, NO_VALUE) }] };
    resource.cfnOptions.condition = condition;
    expect(messageOf(() => Template.fromStack(stack))).toBe('accepted');
  });
});

describe('a token is accepted in any function:', () => {
  test.each<[string, (stack: Stack) => PolicyStatementProps]>([
    ['a principal', stack => ({ principals: [new ArnPrincipal(Fn.sub('arn:${AWS::Partition}:iam::${Account}:root', { Account: new CfnParameter(stack, 'A').valueAsString }))], actions: pull })],
    ['the own account', () => ({ principals: [new ArnPrincipal(Fn.sub('arn:${AWS::Partition}:iam::${AWS::AccountId}:root'))], actions: ['ecr:*'] })],
    ['an organization', () => ({ principals: [new AnyPrincipal()], actions: pull, conditions: { StringEquals: { 'aws:PrincipalOrgID': Fn.sub('${Organization}') } } })],
    ['an organization of the Parameter Store', () => ({ principals: [new AnyPrincipal()], actions: pull, conditions: { StringEquals: { 'aws:PrincipalOrgID': '{{resolve:ssm:/organization}}' } } })],
    ['an organization that is imported', () => ({ principals: [new AnyPrincipal()], actions: pull, conditions: { StringEquals: { 'aws:PrincipalOrgID': Fn.importValue('organization') } } })],
    ['a variable of IAM', () => ({ principals: [new AnyPrincipal()], actions: pull, conditions: { StringEquals: { 'aws:PrincipalOrgID': Fn.sub('${!aws:ResourceOrgID}') } } })],
    ['a parameter without a default', stack => ({ principals: [new ArnPrincipal(new CfnParameter(stack, 'Who').valueAsString)], actions: pull })],
    ['a condition that is not declared', () => ({ principals: [new AnyPrincipal()], actions: pull, conditions: { StringEquals: Fn.transform('AWS::Include', { Location: 's3://bucket/condition' }) } })],
  ])('%s', (_, statement) => {
    expect(synthesized(statement)).toBe('accepted');
  });

  test('but a policy variable that the caller controls is rejected', () => {
    expect(synthesized(() => ({ principals: [new AnyPrincipal()], actions: pull, conditions: { StringEquals: { 'aws:PrincipalOrgID': Fn.sub('${!aws:PrincipalOrgID}') } } })))
      .toMatch(OPEN);
  });
});

describe('a policy is checked', () => {
  const everybody = { Sid: 'Mine', Effect: 'Allow', Action: 'ecr:BatchGetImage', Principal: '*' };

  test.each<[string, (stack: Stack) => unknown]>([
    ['as a text of JSON', () => Fn.sub(JSON.stringify({ Statement: [everybody] }))],
    ['as a text with values that are known later', () => Fn.sub(JSON.stringify({ Id: '${AWS::StackName}', Statement: everybody }))],
    ['as a text that CDK makes', stack => stack.toJsonString({ Id: Aws.STACK_ID, Statement: [everybody] })],
    ['as a text that CloudFormation makes', () => ({ 'Fn::ToJsonString': { Statement: [everybody] } })],
    ['with a loop', () => ({ Statement: [{ 'Fn::ForEach::Kind': ['Kind', ['Principal'], { '${Kind}': '*' }], 'Sid': 'Mine', 'Effect': 'Allow', 'Action': 'ecr:BatchGetImage' }] })],
  ])('%s', (_, policy) => {
    expect(synthesizedText(policy)).toMatch(OPEN);
  });

  test('but not the part that an override replaces, which bypasses all checks', () => {
    const stack = newStack(OWN);
    const repository = new ImageRepository(stack, 'Repository', { pullFrom: { organizations: ['o-a1b2c3d4e5'] } });
    (repository.node.defaultChild as CfnRepository).addPropertyDeletionOverride('RepositoryPolicyText.Statement.0.Condition');
    expect(messageOf(() => Template.fromStack(stack))).toBe('accepted');
  });

  test.each<[string, unknown]>([
    ['a text that is not JSON', Fn.sub('allow all')], ['a text that is known later', Fn.importValue('policy')], ['no policy', Fn.sub('"text"')],
    ['a policy without statements', {}], ['a statement that is known later', { Statement: [Fn.importValue('statement')] }],
  ])('and %s is left to ECR', (_, policy) => {
    expect(synthesizedText(() => policy)).toBe('accepted');
  });

  test('with any number of conditions, and with a warning if there are too many combinations', () => {
    const stack = newStack(OWN);
    const Principal = (last: string) => ({ AWS: Array.from({ length: 30 }, (_, index) => Fn.conditionIf(`C${index}`, index === 29 ? last : '111122223333', NO_VALUE)) });
    const warned = (last: string) => {
      const resource = new ImageRepository(stack, `Repository${last}`).node.defaultChild as CfnRepository;
      resource.repositoryPolicyText = { Statement: [{ ...everybody, Principal: Principal(last) }] };
    };
    warned('222233334444');
    Template.fromStack(stack).resourceCountIs('AWS::ECR::Repository', 1);
    Annotations.fromStack(stack).hasWarning('/Stack/Repository222233334444', Match.stringLikeRegexp('only 4096 of their combinations are checked'));
    expect(synthesizedText(() => ({ Statement: [{ ...everybody, Principal: Principal('*') }] }))).toMatch(OPEN);
  });
});

describe('administration with a reason is allowed', () => {
  test('for every account that an intrinsic function can return', () => {
    expect(messageOf(() => {
      const stack = newStack(OWN);
      const chosen = Fn.conditionIf(conditionOn(stack).logicalId, '111122223333', '222233334444').toString();
      new ImageRepository(stack, 'Repository').allowAdministration({
        principals: [new AccountPrincipal(chosen)], actions: ['ecr:PutLifecyclePolicy'], reason: 'The platform team keeps our retention rules.',
      });
      Template.fromStack(stack);
    })).toBe('accepted');
  });

  test('but not if it can return everybody', () => {
    expect(messageOf(() => {
      const stack = newStack(OWN);
      new ImageRepository(stack, 'Repository').allowAdministration({
        principals: [new ArnPrincipal(Fn.conditionIf(conditionOn(stack).logicalId, '111122223333', '*').toString())],
        actions: ['ecr:PutLifecyclePolicy'],
        reason: 'The platform team keeps our retention rules.',
      });
      Template.fromStack(stack);
    })).toMatch(/must list its principals/);
  });
});

describe('policies with random intrinsic functions:', () => {
  const principals = ['*', '111122223333', 'arn:aws:iam::999988887777:root', 'arn:aws:iam::*:root'];
  const actions = ['ecr:BatchGetImage', 'ecr:PutImage', 'ecr:*', 's3:GetObject'];
  const organizations = ['o-a1b2c3d4e5', 'o-*', '${aws:ResourceOrgID}', '${aws:PrincipalOrgID}'];
  const texts = [...principals, ...actions, ...organizations];
  const some = (from: string[], most: number) => fc.array(hidden(from), { minLength: 1, maxLength: most }).map(listOf);
  const fixed = (value: string): fc.Arbitrary<Written<unknown>> => fc.constant({ json: value, valueIn: () => value });
  const often = (arbitrary: fc.Arbitrary<Written<unknown>>) => fc.oneof(
    { weight: 2, arbitrary }, { weight: 1, arbitrary: either<unknown>(arbitrary, left) },
  );

  const condition = some(organizations, 2).map(values => objectOf({ StringLike: objectOf({ 'aws:PrincipalOrgID': values }) }));
  const statement = fc.record({
    Sid: fixed('Mine'),
    Effect: fixed('Allow'),
    Principal: often(fc.oneof<fc.Arbitrary<Written<unknown>>[]>(hidden(principals), some(principals, 2).map(AWS => objectOf({ AWS })))),
    Action: fc.oneof<fc.Arbitrary<Written<unknown>>[]>(hidden(actions.slice(0, 2)), some(actions, 2)),
    Condition: often(condition),
  }).map(objectOf);

  test('a policy is rejected if one of its statements would be rejected for some conditions, and is accepted otherwise', () => {
    let [refused, accepted] = [0, 0];
    fc.assert(fc.property(often(statement), ({ json, valueIn }) => {
      const stack = newStack(OWN);
      stack.templateOptions.transforms = ['AWS::LanguageExtensions'];
      new Sections(stack, sectionsWith(texts));
      const isOwn = (principal: string) => /999988887777|…/.test(principal);
      const isBroken = allConditions().map(valueIn).some(each => each !== undefined && brokenRule(each as StatementJson, isOwn) !== undefined);
      const told = synthesizedText(() => ({ Statement: [json] }), stack);

      expect(told).toMatch(isBroken ? /\[Stack\/Repository\] 'statement Mine' must/ : /^accepted$/);
      if (isBroken) refused += 1;
      else accepted += 1;
    }), runsOf(250));
    expect(Math.min(refused, accepted)).toBeGreaterThan(share(20) / 2);
  }, 120_000);
});
