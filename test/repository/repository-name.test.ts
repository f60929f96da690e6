import { Aws, CfnParameter } from 'aws-cdk-lib';
import * as fc from 'fast-check';
import { ImageRepository } from '../../src';
import { newStack, Template } from '../helpers/stack';
import { messageOf, told } from '../helpers/wrong-input';

const created = (repositoryName: string) => messageOf(() => new ImageRepository(newStack(), 'Repository', { repositoryName }));
const imported = (repositoryName: string) => messageOf(() => ImageRepository.fromRepositoryName(newStack(), 'Repository', repositoryName));

// The pattern and the limits of AWS::ECR::Repository in the CloudFormation registry, and those of the API.
const CLOUDFORMATION = /^(?=.{2,256}$)((?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*)$/;
const API = /^(?=.{2,256}$)[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(\/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$/;

describe('a name that CloudFormation would reject is rejected at synthesis:', () => {
  test.each([
    'w', 'w'.repeat(257), `${'a/'.repeat(128)}b`, '', ' ', 'web ', ' web', 'web\n', 'Web', 'wEb', 'web app', '.web', '_web', '-web', '/web', 'web.', 'web_', 'web-', 'web/',
    'web..app', 'web__app', 'web--app', 'web//app', 'web.-app', 'web-/app', 'web/-app', 'web:v1', 'web@sha256', 'team\\web', 'w\u00e4b', 'web*', '${Name}',
    '111122223333.dkr.ecr.eu-west-1.amazonaws.com/Web', 'https://web',
  ])('%j', name => {
    expect(created(name)).toMatch(told('repositoryName'));
    expect(created(name)).toContain('Use a name such as "team/web-app".');
  });
});

describe('a valid name is accepted:', () => {
  test.each(['ab', '00', 'w1', 'a.b', 'a_b', 'a-b', 'a/b', 'team/web-app', 'a.b_c-d/e.f', '1/2/3', 'w'.repeat(256), `${'a/'.repeat(127)}bc`])('%j', name => {
    expect(created(name)).toBe('accepted');
  });

  test('a name that is a token, in whole or in part', () => {
    expect(created(Aws.STACK_NAME)).toBe('accepted');
    expect(created(`team/${Aws.STACK_NAME}`)).toBe('accepted');

    const stack = newStack();
    new ImageRepository(stack, 'Repository', { repositoryName: new CfnParameter(stack, 'Name').valueAsString });
    Template.fromStack(stack).hasResourceProperties('AWS::ECR::Repository', { RepositoryName: { Ref: 'Name' } });
  });
});

describe('for names of any letters,', () => {
  const name = fc.array(fc.constantFrom('a', 'b', '0', '9', '.', '_', '-', '/', '__', '--', 'A', ' '), { maxLength: 12 }).map(parts => parts.join(''));
  // The library excludes the address of a registry, although it is valid by its letters.
  const isAddress = (text: string) => /^\d{12}\.dkr\./.test(text);

  test('a new repository accepts exactly the names that CloudFormation accepts', () => {
    fc.assert(fc.property(name, text => {
      expect(created(text) === 'accepted').toBe(CLOUDFORMATION.test(text));
    }), { numRuns: 500, seed: 20261122 });
  });

  test('an imported repository accepts exactly the names that ECR accepts', () => {
    fc.assert(fc.property(name.filter(text => !isAddress(text)), text => {
      expect(imported(text) === 'accepted').toBe(API.test(text));
    }), { numRuns: 500, seed: 20261122 });
  });
});
