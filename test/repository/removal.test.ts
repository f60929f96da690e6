import { App, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { DirectPushSynthesizer, ImageRepository, ImageRepositoryProps, ImageSource } from '../../src';
import { APP, Match, newStack, Template } from '../helpers/stack';
import { messageOf, wrong } from '../helpers/wrong-input';

function repositoryOf(props: ImageRepositoryProps = {}) {
  const stack = newStack();
  new ImageRepository(stack, 'Repository', props);
  return Object.values(Template.fromStack(stack).findResources('AWS::ECR::Repository'))[0];
}

describe('if a repository is removed from its stack', () => {
  test.each<[string, ImageRepositoryProps]>([['by default', {}], ['with RETAIN', { removalPolicy: RemovalPolicy.RETAIN }]])('it stays with its images %s', (_, props) => {
    const { DeletionPolicy, UpdateReplacePolicy, Properties } = repositoryOf(props);

    expect([DeletionPolicy, UpdateReplacePolicy, Properties.EmptyOnDelete]).toEqual(['Retain', 'Retain', undefined]);
  });

  test('it stays with RETAIN_ON_UPDATE_OR_DELETE, and is deleted only if its first deployment fails', () => {
    const { DeletionPolicy, UpdateReplacePolicy } = repositoryOf({ removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE });

    expect([DeletionPolicy, UpdateReplacePolicy]).toEqual(['RetainExceptOnCreate', 'Retain']);
  });

  test.each([undefined, false])('its deletion fails with DESTROY if it contains images, because emptyOnDelete is not set: %p', emptyOnDelete => {
    const { DeletionPolicy, UpdateReplacePolicy, Properties } = repositoryOf({ removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete });

    expect([DeletionPolicy, UpdateReplacePolicy, Properties.EmptyOnDelete]).toEqual(['Delete', 'Delete', emptyOnDelete]);
  });

  test('it is deleted with its images if you set both options', () => {
    const { DeletionPolicy, Properties } = repositoryOf({ removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true });

    expect([DeletionPolicy, Properties.EmptyOnDelete]).toEqual(['Delete', true]);
  });

  test('emptyOnDelete can be a token, with DESTROY', () => {
    const emptyOnDelete = wrong<boolean>(Token.asAny({ Ref: 'Empty' }));

    expect(repositoryOf({ removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete }).Properties.EmptyOnDelete).toEqual({ Ref: 'Empty' });
    expect(messageOf(() => repositoryOf({ emptyOnDelete }))).toContain("'emptyOnDelete' must come with RemovalPolicy.DESTROY");
  });

  test.each([undefined, RemovalPolicy.RETAIN, RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE])('emptyOnDelete for a repository that is retained is rejected: %p', removalPolicy => {
    expect(messageOf(() => repositoryOf({ removalPolicy, emptyOnDelete: true }))).toBe(
      `Stack/Repository: 'emptyOnDelete' must come with RemovalPolicy.DESTROY, got "${removalPolicy ?? 'retain'}". `
      + 'Set removalPolicy to RemovalPolicy.DESTROY, or leave emptyOnDelete out.',
    );
  });
});

describe('no custom resource has permission to delete an image or a repository', () => {
  test("with the copy route, and CDK's custom resource that empties repositories is not used", () => {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository', { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true });
    repository.publish('web', ImageSource.directory(APP));

    const template = Template.fromStack(stack);
    expect(JSON.stringify(template.toJSON())).not.toMatch(/ecr:(\*|\w*Delete)/);
    template.resourceCountIs('Custom::ECRAutoDeleteImages', 0);
  });

  test('with the direct route', () => {
    const app = new App({ defaultStackSynthesizer: new DirectPushSynthesizer() });
    const base = new Stack(app, 'Base');
    new ImageRepository(base, 'Repository', { repositoryName: 'web' }).publish('web', ImageSource.directory(APP), { scope: new Stack(app, 'Web') });

    const template = Template.fromStack(base);
    template.hasResourceProperties('AWS::ECR::Repository', { RepositoryPolicyText: { Statement: [Match.anyValue()] } });
    expect(JSON.stringify(template.toJSON())).not.toMatch(/ecr:(\*|\w*Delete)/);
  });
});
