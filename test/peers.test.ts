import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { Destination, DockerImageDeployment, Source } from 'cdk-docker-image-deployment';
import { DockerImageName, ECRDeployment } from 'cdk-ecr-deployment';
import { ImageRepository } from '../src';
import { APP, Match, newStack, Template } from './helpers/stack';

// The other constructs call deprecated functions of aws-cdk-lib.
const { JSII_DEPRECATED } = process.env;
beforeAll(() => { process.env.JSII_DEPRECATED = 'quiet'; });
afterAll(() => { process.env.JSII_DEPRECATED = JSII_DEPRECATED; });

describe('a user of another construct that fills the repository can migrate step by step:', () => {
  test('cdk-docker-image-deployment takes an ImageRepository as its destination', () => {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository');
    new DockerImageDeployment(stack, 'Deployment', {
      source: Source.directory(APP),
      destination: Destination.ecr(repository, { tag: 'v1' }),
    });

    const template = Template.fromStack(stack);
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({
          Action: Match.arrayWith(['ecr:PutImage']),
          Resource: { 'Fn::GetAtt': ['Repository3A24F169', 'Arn'] },
        })]),
      },
    });
  });

  test('cdk-ecr-deployment copies into an ImageRepository', () => {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository');
    const asset = new DockerImageAsset(stack, 'Asset', { directory: APP });
    new ECRDeployment(stack, 'Deployment', {
      src: new DockerImageName(asset.imageUri),
      dest: new DockerImageName(repository.repositoryUriForTag('v1')),
    });

    Template.fromStack(stack).hasResourceProperties('Custom::CDKECRDeployment', {
      DestImage: { 'Fn::Join': ['', Match.arrayWith([{ Ref: 'Repository3A24F169' }, ':v1'])] },
    });
  });
});
