import { App, Environment, RemovalPolicy, Stack, Stage } from 'aws-cdk-lib';
import { OutboundIdentityFederation, OutboundIdentityFederationProps } from '../../src';
import { Match, newStack, Template } from '../helpers/stack';
import { messageOf, told, wrong } from '../helpers/wrong-input';

function federation(props?: OutboundIdentityFederationProps): Template {
  const stack = newStack();
  new OutboundIdentityFederation(stack, 'Federation', props);
  return Template.fromStack(stack);
}

/** The statements of the function, without those for its log. */
function statementsOf(template: Template): unknown[] {
  const [{ Properties: { PolicyDocument: { Statement: [, ...statements] } } }] = Object.values(template.findResources('AWS::IAM::Policy'));
  return statements;
}

test('outbound identity federation is enabled by a custom resource, which returns the issuer', () => {
  const stack = newStack();
  const { issuerUrl } = new OutboundIdentityFederation(stack, 'Federation');

  expect(stack.resolve(issuerUrl)).toEqual({ 'Fn::GetAtt': [expect.stringMatching('^Federation'), 'IssuerUrl'] });
  Template.fromStack(stack).hasResourceProperties('Custom::OutboundIdentityFederation', { SchemaVersion: '1', OnRemoval: Match.absent(), ServiceTimeout: '600' });
});

test('by default, the function may enable the feature and never disable it', () => {
  expect(statementsOf(federation())).toEqual([
    { Effect: 'Allow', Action: ['iam:EnableOutboundWebIdentityFederation', 'iam:GetOutboundWebIdentityFederationInfo'], Resource: '*' },
  ]);
});

test('the feature is disabled again only if the user asks for it', () => {
  const template = federation({ removalPolicy: RemovalPolicy.DESTROY });

  template.hasResourceProperties('Custom::OutboundIdentityFederation', { OnRemoval: 'Disable' });
  expect(statementsOf(template)).toEqual([expect.objectContaining({ Action: expect.arrayContaining(['iam:DisableOutboundWebIdentityFederation']) })]);
});

describe('an account has one owner of the setting:', () => {
  const place = (app: App, id: string, env?: Environment) => new OutboundIdentityFederation(new Stack(app, id, { env }), 'Federation');

  test('a second one in the same account is rejected, also in another region', () => {
    const app = new App();
    place(app, 'Stack', { account: '111122223333', region: 'eu-west-1' });

    expect(messageOf(() => place(app, 'Other', { account: '111122223333', region: 'us-east-1' }))).toBe(
      "Other/Federation: 'scope' must have no other OutboundIdentityFederation in its account, because the setting belongs to the account, "
      + 'got "Stack/Federation". Keep one of them. Other stacks need none.',
    );
  });

  test('each account has its own', () => {
    const app = new App();
    place(app, 'Stack', { account: '111122223333', region: 'eu-west-1' });

    expect(() => place(app, 'Other', { account: '444455556666', region: 'eu-west-1' })).not.toThrow();
  });

  test('stages without an account can be deployed to several accounts', () => {
    const app = new App();
    const inStage = (id: string) => new OutboundIdentityFederation(new Stack(new Stage(app, id), 'Stack'), 'Federation');
    inStage('Beta');

    expect(() => inStage('Prod')).not.toThrow();
  });
});

test.each<[string, unknown]>([['removalPolicy', { removalPolicy: RemovalPolicy.SNAPSHOT }], ['removalPolicy', { removalPolicy: 'keep' }], ['props', null]])(
  'a wrong value of %s is reported: %j', (property, props) => {
    expect(messageOf(() => federation(wrong(props)))).toMatch(told(property));
  },
);

test('an app cannot be its scope', () => {
  expect(messageOf(() => new OutboundIdentityFederation(wrong(new App()), 'Stack'))).toMatch(told('scope'));
});
