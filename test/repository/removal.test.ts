import { App, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { DirectPushSynthesizer, ImageRepository, ImageRepositoryProps, ImageSource } from '../../src';
import { APP, Match, newStack, Template } from '../helpers/stack';
import { messageOf, wrong } from '../helpers/wrong-input';

function repositoryOf(props: ImageRepositoryProps = {}) {
  const stack = newStack();
  new ImageRepository(stack, 'Repository', props);
  return Object.values(Template.fromStack(stack).findResources('AWS::ECR::Repository'))[0];
}

describe('when a repository is removed from its stack', () => {
  test.each<[string, ImageRepositoryProps]>([['by default', {}], ['with RETAIN', { removalPolicy: RemovalPolicy.RETAIN }]])('it stays with its images %s', (_, props) => {
    const { DeletionPolicy, UpdateReplacePolicy, Properties } = repositoryOf(props);

    expect([DeletionPolicy, UpdateReplacePolicy, Properties.EmptyOnDelete]).toEqual(['Retain', 'Retain', undefined]);
  });

  test('it stays with RETAIN_ON_UPDATE_OR_DELETE, and goes only when its first deployment fails', () => {
    const { DeletionPolicy, UpdateReplacePolicy } = repositoryOf({ removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE });

    expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['RetainExceptOnCreate', 'Retain']);
  });

  test.each([undefined, false])('its removal fails with DESTROY while there are images in it, because CloudFormation is not told to delete them: %p', emptyOnDelete => {
    const { DeletionPolicy, UpdateReplacePolicy, Properties } = repositoryOf({ removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete });

    expect([DeletionPolicy, UpdateReplacePolicy, Properties.EmptyOnDelete]).toEqual(['Delete', 'Delete', emptyOnDelete]);
  });

  test('it goes with its images when the user says both', () => {
    const { DeletionPolicy, Properties } = repositoryOf({ removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true });

    expect([DeletionPolicy, Properties.EmptyOnDelete]).toEqual(['Delete', true]);
  });

  test('whether its images go with it may be decided at deployment, with DESTROY', () => {
    const emptyOnDelete = wrong<boolean>(Token.asAny({ Ref: 'Empty' }));

    expect(repositoryOf({ removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete }).Properties.EmptyOnDelete).toEqual({ Ref: 'Empty' });
    expect(messageOf(() => repositoryOf({ emptyOnDelete }))).toContain("'emptyOnDelete' must come with RemovalPolicy.DESTROY");
  });

  test.each([undefined, RemovalPolicy.RETAIN, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE])('images that go with a repository that stays are refused: %p', removalPolicy => {
    expect(messageOf(() => repositoryOf({ removalPolicy, emptyOnDelete: true }))).toBe(
      `Stack/Repository: 'emptyOnDelete' must come with RemovalPolicy.DESTROY, got "${removalPolicy ?? 'retain'}". `
      + 'Set removalPolicy to RemovalPolicy.DESTROY, or leave emptyOnDelete out.',
    );
  });
});

describe('nothing that is deployed may delete an image or a repository', () => {
  test('on the road by copy, and there is no custom resource of CDK that empties repositories', () => {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository', { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true });
    repository.publish('web', ImageSource.directory(APP));

    const template = Template.fromStack(stack);
    expect(JSON.stringify(template.toJSON())).not.toMatch(/ecr:(\*|\w*Delete)/);
    template.resourceCountIs('Custom::ECRAutoDeleteImages', 0);
  });

  test('on the direct road', () => {
    const app = new App({ defaultStackSynthesizer: new DirectPushSynthesizer() });
    const base = new Stack(app, 'Base');
    new ImageRepository(base, 'Repository', { repositoryName: 'web' }).publish('web', ImageSource.directory(APP), { scope: new Stack(app, 'Web') });

    const template = Template.fromStack(base);
    template.hasResourceProperties('AWS::ECR::Repository', { RepositoryPolicyText: { Statement: [Match.anyValue()] } });
    expect(JSON.stringify(template.toJSON())).not.toMatch(/ecr:(\*|\w*Delete)/);
  });
});
