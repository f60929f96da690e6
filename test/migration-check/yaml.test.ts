import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { run } from '../../src/migration-check/command';
import { parse } from '../../src/migration-check/template-text';

/** The findings for a deployed template, as JSON or as the text of a YAML file, and a new one. */
function check(deployed: string | object, now: string | object): unknown[] {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'yaml-'));
  try {
    const [old, other] = [deployed, now].map((content, index) => {
      const file = path.join(folder, `${index}`);
      fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
      return file;
    });
    let [out, problem] = ['', ''];
    run(['check-migration', '--json', '--deployed', old, '--new', other], text => { out += text; }, text => { problem += text; });
    expect(problem).toBe('');
    return JSON.parse(out) as unknown[];
  } finally {
    fs.rmSync(folder, { recursive: true });
  }
}

describe('short forms of YAML are read as the functions that they stand for:', () => {
  test.each<[string, unknown]>([
    ['!Ref Web', { Ref: 'Web' }],
    ['!Condition IsProd', { Condition: 'IsProd' }],
    ['!GetAtt Web.Arn', { 'Fn::GetAtt': 'Web.Arn' }],
    ['!GetAtt [Web, Arn]', { 'Fn::GetAtt': ['Web', 'Arn'] }],
    ["!Sub 'arn:${AWS::Partition}'", { 'Fn::Sub': 'arn:${AWS::Partition}' }],
    ["!Sub ['${Name}', { Name: !Ref Web }]", { 'Fn::Sub': ['${Name}', { Name: { Ref: 'Web' } }] }],
    ["!Join ['-', [a, !Ref B]]", { 'Fn::Join': ['-', ['a', { Ref: 'B' }]] }],
    ["!Select [0, !GetAZs '']", { 'Fn::Select': ['0', { 'Fn::GetAZs': '' }] }],
    ["!Split [',', a]", { 'Fn::Split': [',', 'a'] }],
    ['!FindInMap [A, B, C]', { 'Fn::FindInMap': ['A', 'B', 'C'] }],
    ['!ImportValue Vpc', { 'Fn::ImportValue': 'Vpc' }],
    ['!ImportValue\n    Fn::Sub: x', { 'Fn::ImportValue': { 'Fn::Sub': 'x' } }],
    ['!Base64 x', { 'Fn::Base64': 'x' }],
    ['!Cidr [10.0.0.0/16, 2, 8]', { 'Fn::Cidr': ['10.0.0.0/16', '2', '8'] }],
    ['!If [IsProd, 2, !Ref AWS::NoValue]', { 'Fn::If': ['IsProd', '2', { Ref: 'AWS::NoValue' }] }],
    ['!Transform { Name: AWS::Include }', { 'Fn::Transform': { Name: 'AWS::Include' } }],
  ])('%s', (text, value) => {
    expect(parse(`Value: ${text}`, 'test')).toEqual({ Value: value });
  });
});

test.each<[string, unknown]>([
  ['2012-10-17', '2012-10-17'], ['0123', '0123'], ['012345678901', '012345678901'], ['1e3', '1e3'], ['80', '80'], ['"yes"', 'yes'],
  ['yes', true], ['on', true], ['False', false], ['~', null], ['null', null], ['n', 'n'],
])('the scalar %s is read as by CloudFormation', (text, value) => {
  expect(parse(`Value: ${text}`, 'test')).toEqual({ Value: value });
});

const SERVICE = {
  Logs: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: { 'Fn::Join': ['', ['/ecs/', { Ref: 'AWS::StackName' }, '-', { 'Fn::GetAtt': ['Cluster', 'Arn'] }]] }, RetentionInDays: 30 } },
  Cluster: { Type: 'AWS::ECS::Cluster' },
  Group: { Type: 'AWS::ElasticLoadBalancingV2::TargetGroup', Properties: { Port: 80, Protocol: 'HTTP', Name: '$' + '{literal}', VpcId: { 'Fn::ImportValue': 'Vpc' } } },
  Images: { Type: 'AWS::ECR::Repository', Properties: { EmptyOnDelete: true, RepositoryPolicyText: { Version: '2012-10-17' } } },
};

// Ports as texts, booleans of YAML 1.1, Fn::Sub instead of Fn::Join.
const BY_HAND = `
AWSTemplateFormatVersion: 2010-09-09
Resources:
  Cluster: { Type: AWS::ECS::Cluster }
  Logs:
    Type: AWS::Logs::LogGroup
    Properties:
      LogGroupName: !Sub /ecs/\${AWS::StackName}-\${Cluster.Arn}
      RetentionInDays: "30"
  Group:
    Type: AWS::ElasticLoadBalancingV2::TargetGroup
    Properties:
      Port: "80"
      Protocol: HTTP
      Name: !Sub "\${!literal}"
      VpcId: !ImportValue Vpc
  Images:
    Type: AWS::ECR::Repository
    Properties:
      EmptyOnDelete: yes
      RepositoryPolicyText: { Version: 2012-10-17 }
`;

test('a template by hand and the same template of the CDK have no findings', () => {
  expect(check(BY_HAND, { Resources: SERVICE })).toEqual([]);
  expect(check({ Resources: SERVICE }, BY_HAND)).toEqual([]);
});

test('the findings for a template in YAML are those for the same template in JSON', () => {
  const now = { Resources: { Group: { Type: 'AWS::ElasticLoadBalancingV2::TargetGroup', Properties: { Port: 8080, Protocol: 'HTTP' } } } };
  const findings = check(BY_HAND, now);

  expect(findings).toEqual(check({ Resources: SERVICE }, now));
  expect(findings).toContainEqual(expect.objectContaining({ subject: 'Images', what: 'AWS::ECR::Repository is deleted with its content.' }));
});

test.each([
  ['as YAML', `TemplateBody: |${BY_HAND.replace(/\n/g, '\n  ')}\nStagesAvailable: [Original, Processed]\n`],
  ['as JSON with a template in YAML', JSON.stringify({ TemplateBody: BY_HAND })],
  ['as YAML with a template in JSON', `TemplateBody:\n  Resources: ${JSON.stringify(SERVICE)}\n`],
])('the answer of get-template %s is a deployed template', (_, answer) => {
  expect(check(answer, { Resources: SERVICE })).toEqual([]);
});

test('a variable of Fn::Sub is replaced by its value', () => {
  const logs = (LogGroupName: unknown) => ({ Resources: { Logs: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName } } } });

  expect(check(logs({ 'Fn::Sub': ['/${Team}/${Team}', { Team: { Ref: 'Owner' } }] }), logs({ 'Fn::Join': ['', ['/', { Ref: 'Owner' }, '/', { Ref: 'Owner' }]] }))).toEqual([]);
  expect(check(logs({ 'Fn::Sub': ['/${Team}', { Team: 'web' }] }), logs('/web'))).toEqual([]);
  expect(check(logs({ 'Fn::Sub': '/${Team}' }), logs('/web'))).toHaveLength(1);
});
