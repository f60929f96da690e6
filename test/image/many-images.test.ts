import { App, Stack } from 'aws-cdk-lib';
import { ImageRepository, ImageSource } from '../../src';
import { APP, Template } from '../helpers/stack';

test('however many images of one repository are copied, what the function may do is said once, in one policy', () => {
  const stack = new Stack(new App(), 'Stack');
  const repository = new ImageRepository(stack, 'Repository');
  for (let index = 0; index < 100; index++) {
    repository.publish(`image${index}`, ImageSource.directory(APP, { extraHash: `${index}` }));
  }

  const template = Template.fromStack(stack);
  template.resourceCountIs('Custom::ContainerImageCopy', 100);
  template.resourceCountIs('AWS::IAM::Policy', 1);
  // CDK moves what does not fit into the policy of a role into managed policies, of which a role can have ten.
  template.resourceCountIs('AWS::IAM::ManagedPolicy', 0);
});
