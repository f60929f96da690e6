import { App, Stack } from 'aws-cdk-lib';
import { ImageRepository, ImageSource } from '../../src';
import { APP, Template } from '../helpers/stack';

test('the permissions of the copy function are in one policy, for any number of images of a repository', () => {
  const stack = new Stack(new App(), 'Stack');
  const repository = new ImageRepository(stack, 'Repository');
  for (let index = 0; index < 100; index++) {
    repository.publish(`image${index}`, ImageSource.directory(APP, { extraHash: `${index}` }));
  }

  const template = Template.fromStack(stack);
  template.resourceCountIs('Custom::ContainerImageCopy', 100);
  template.resourceCountIs('AWS::IAM::Policy', 1);
  // CDK moves statements that do not fit into the inline policy of a role into managed policies. A role can have ten of them.
  template.resourceCountIs('AWS::IAM::ManagedPolicy', 0);
});
