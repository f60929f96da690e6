import { Aws, CfnParameter, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { CfnRepository } from 'aws-cdk-lib/aws-ecr';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { ImageRepository, ImageSource, LifecycleRule } from '../../src';
import { APP, liveTagsOf, Match, newStack, Template } from '../helpers/stack';

const policyWith = (expected: object) => ({ LifecyclePolicyText: Match.serializedJson({ rules: Match.arrayWith([Match.objectLike(expected)]) }) });

const untaggedRule = (days: number) => policyWith({
  description: `Untagged images expire ${days} days after the push`,
  selection: { tagStatus: 'untagged', countType: 'sinceImagePushed', countUnit: 'days', countNumber: days },
  action: { type: 'expire' },
});

describe('an ImageRepository', () => {
  test('is secure by default: immutable tags, scan on push, no rule that could delete a signature, images stay when the stack is deleted', () => {
    const stack = newStack();
    new ImageRepository(stack, 'Repository');

    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::ECR::Repository', 1);
    template.hasResource('AWS::ECR::Repository', {
      DeletionPolicy: 'Retain',
      UpdateReplacePolicy: 'Retain',
      Properties: {
        ImageTagMutability: 'IMMUTABLE',
        ImageScanningConfiguration: { ScanOnPush: true },
        LifecyclePolicy: policyWith({ description: 'Published images are kept' }),
        EmptyOnDelete: Match.absent(),
      },
    });
  });

  test('has no Lambda function until an image is published into it', () => {
    const stack = newStack();
    new ImageRepository(stack, 'Repository');

    Template.fromStack(stack).resourceCountIs('AWS::Lambda::Function', 0);
  });

  test('has the name and the lifecycle rules that you give', () => {
    const stack = newStack();
    new ImageRepository(stack, 'Repository', {
      repositoryName: 'team/web-app',
      lifecycleRules: [LifecycleRule.expireUntagged({ olderThan: Duration.days(7) })],
    });

    Template.fromStack(stack).hasResourceProperties('AWS::ECR::Repository', {
      RepositoryName: 'team/web-app',
      LifecyclePolicy: untaggedRule(7),
    });
  });

  test('accepts lifecycle rules later', () => {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository', { lifecycleRules: [] });
    repository.addLifecycleRule(LifecycleRule.expireUntagged({ olderThan: Duration.days(30) }));

    Template.fromStack(stack).hasResourceProperties('AWS::ECR::Repository', { LifecyclePolicy: untaggedRule(30) });
  });

  test('has no lifecycle policy when the list of rules is empty', () => {
    const stack = newStack();
    new ImageRepository(stack, 'Repository', { lifecycleRules: [] });

    Template.fromStack(stack).hasResourceProperties('AWS::ECR::Repository', { LifecyclePolicy: Match.absent() });
  });

  test('is deleted with its images if you ask for it', () => {
    const stack = newStack();
    new ImageRepository(stack, 'Repository', { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true });

    Template.fromStack(stack).hasResource('AWS::ECR::Repository', {
      DeletionPolicy: 'Delete',
      Properties: { EmptyOnDelete: true },
    });
  });

  test('keeps statements that are added to its policy', () => {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository');
    repository.addToResourcePolicy(new PolicyStatement({
      sid: 'BuildsPull',
      actions: ['ecr:BatchGetImage'],
      principals: [new ServicePrincipal('codebuild.amazonaws.com')],
    }));

    Template.fromStack(stack).hasResourceProperties('AWS::ECR::Repository', {
      RepositoryPolicyText: { Statement: [Match.objectLike({ Sid: 'BuildsPull', Action: 'ecr:BatchGetImage' })] },
    });
  });

  test('grants pull on exactly this repository', () => {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository');
    repository.grantPull(new Role(stack, 'Role', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') }));

    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: [
          { Effect: 'Allow', Action: Match.anyValue(), Resource: { 'Fn::GetAtt': [Match.stringLikeRegexp('^Repository'), 'Arn'] } },
          { Effect: 'Allow', Action: 'ecr:GetAuthorizationToken', Resource: '*' },
        ],
      },
    });
  });

  test('has the escape hatch and the removal policy in the usual places of CDK', () => {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository');
    (repository.node.defaultChild as CfnRepository).addPropertyOverride('ImageTagMutability', 'MUTABLE');
    repository.applyRemovalPolicy(RemovalPolicy.DESTROY);

    Template.fromStack(stack).hasResource('AWS::ECR::Repository', {
      DeletionPolicy: 'Delete', Properties: { ImageTagMutability: 'MUTABLE' },
    });
  });

  test('keeps the logical ids that its images depend on between versions', () => {
    const stack = newStack();
    new ImageRepository(stack, 'Repository').publish('web', ImageSource.directory(APP));

    const template = Template.fromStack(stack);
    // A change here replaces the repositories of users: it is a breaking change.
    expect(Object.keys(template.findResources('AWS::ECR::Repository'))).toEqual(['Repository3A24F169']);
    expect(Object.keys(template.findResources('Custom::ContainerImageCopy'))).toEqual(['RepositoryImageswebCopy9A6CF81C']);
  });
});

describe('an imported repository', () => {
  const ARN = 'arn:aws:ecr:eu-west-1:111122223333:repository/team/web-app';

  test.each([
    ['by name', (stack: ReturnType<typeof newStack>) => ImageRepository.fromRepositoryName(stack, 'Repository', 'team/web-app')],
    ['by ARN', (stack: ReturnType<typeof newStack>) => ImageRepository.fromRepositoryArn(stack, 'Repository', ARN)],
    ['by attributes', (stack: ReturnType<typeof newStack>) => ImageRepository.fromRepositoryAttributes(stack, 'Repository', {
      repositoryArn: ARN, repositoryName: 'team/web-app',
    })],
  ])('%s can receive images, and no repository is created', (_, load) => {
    const stack = newStack({ env: { account: '111122223333', region: 'eu-west-1' } });
    const repository = load(stack);
    const image = repository.publish('web', ImageSource.directory(APP));

    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::ECR::Repository', 0);
    template.hasResourceProperties('Custom::ContainerImageCopy', { LiveTagPrefix: Match.stringLikeRegexp(liveTagsOf('web').source) });
    expect(repository.repositoryName).toBe('team/web-app');
    expect(stack.resolve(repository.repositoryArn)).toEqual(expect.anything());
    expect(image.repository).toBe(repository);
  });

  test('by ARN has the account and the region of the ARN', () => {
    const repository = ImageRepository.fromRepositoryArn(newStack(), 'Repository', ARN);

    expect(repository.env).toEqual({ account: '111122223333', region: 'eu-west-1' });
    expect(repository.repositoryUri).toMatch(/^111122223333\.dkr\.ecr\.eu-west-1\..*\/team\/web-app$/);
  });

  test('says that its policy cannot be changed by this app', () => {
    const repository = ImageRepository.fromRepositoryArn(newStack(), 'Repository', ARN);

    expect(repository.addToResourcePolicy(new PolicyStatement())).toEqual({ statementAdded: false });
  });
});

describe('bad input fails at synthesis with path, property, rule, value and fix', () => {
  const NAME = "Stack/Repository: 'repositoryName' must be lower-case letters and digits";

  test.each(['Web', 'web app', '-web', 'web/', 'web//app', 'web__app', 'w\u00e4b', ''])('the repository name %j', name => {
    expect(() => new ImageRepository(newStack(), 'Repository', { repositoryName: name }))
      .toThrow(`${NAME} with single ".", "_", "-" or "/" between them, got ${JSON.stringify(name)}. Use a name such as "team/web-app".`);
  });

  test.each(['w', 'w'.repeat(257)])('the repository name %j', name => {
    expect(() => new ImageRepository(newStack(), 'Repository', { repositoryName: name }))
      .toThrow("'repositoryName' must have 2 to 256 characters");
  });

  test.each(['ab', 'a/b', 'team.x/web_app-2', 'w'.repeat(256)])('but not the valid repository name %j', name => {
    expect(() => new ImageRepository(newStack(), 'Repository', { repositoryName: name })).not.toThrow();
  });

  test('but not a repository name that is a token', () => {
    const stack = newStack();
    const name = new CfnParameter(stack, 'Name').valueAsString;
    expect(() => new ImageRepository(stack, 'Repository', { repositoryName: name })).not.toThrow();
    expect(() => ImageRepository.fromRepositoryName(stack, 'Imported', name)).not.toThrow();
  });

  test.each([Duration.hours(36), Duration.days(0)])('an age that is not a whole number of days', olderThan => {
    expect(() => new ImageRepository(newStack(), 'Repository', { lifecycleRules: [LifecycleRule.expireUntagged({ olderThan })] }))
      .toThrow(/^Stack\/Repository: 'lifecycleRules\.expireUntagged\.olderThan' must be a whole number of at least 1, got (1\.5|0)\. ECR counts whole days/);
  });

  test('two rules for untagged images', () => {
    const rule = LifecycleRule.expireUntagged({ olderThan: Duration.days(7) });
    expect(() => new ImageRepository(newStack(), 'Repository', { lifecycleRules: [rule, rule] }))
      .toThrow("Stack/Repository: 'lifecycleRules' must have one rule for untagged images, got [\"Untagged images expire 7 days");
  });

  test('emptyOnDelete for a repository that is retained', () => {
    expect(() => new ImageRepository(newStack(), 'Repository', { emptyOnDelete: true }))
      .toThrow("Stack/Repository: 'emptyOnDelete' must come with RemovalPolicy.DESTROY, got \"retain\".");
  });

  test.each(['web', 'arn:aws:s3:::web', 'arn:aws:ecr:::repository/web', `arn:aws:ecr:eu-west-1:${Aws.ACCOUNT_ID}:repository/web`])('an ARN without a readable name', arn => {
    expect(() => ImageRepository.fromRepositoryArn(newStack(), 'Repository', arn))
      .toThrow(/^Stack: 'repositoryArn' must be the ARN of an ECR repository, known at synthesis, got .*fromRepositoryAttributes\.$/);
  });

  test('a name and an ARN of two repositories', () => {
    const repositoryArn = 'arn:aws:ecr:eu-west-1:111122223333:repository/other';
    expect(() => ImageRepository.fromRepositoryAttributes(newStack(), 'Repository', { repositoryName: 'web', repositoryArn }))
      .toThrow("Stack: 'repositoryName' must be the name in the ARN, \"other\", got \"web\".");
  });

  test('a repository URI instead of a name', () => {
    expect(() => ImageRepository.fromRepositoryName(newStack(), 'Repository', '111122223333.dkr.ecr.eu-west-1.amazonaws.com/web'))
      .toThrow("'repositoryName' must be the name of a repository, without its registry");
  });

  test('but not the name of an existing repository that CloudFormation would reject', () => {
    expect(() => ImageRepository.fromRepositoryName(newStack(), 'Repository', 'team/web--app__2')).not.toThrow();
  });

  test('an age that is a token, unless it is in days', () => {
    const number = new CfnParameter(newStack(), 'Age', { type: 'Number' }).valueAsNumber;
    const lifecycle = (olderThan: Duration) => () =>
      new ImageRepository(newStack(), 'Repository', { lifecycleRules: [LifecycleRule.expireUntagged({ olderThan })] });
    expect(lifecycle(Duration.hours(number))).toThrow("'lifecycleRules.expireUntagged.olderThan' must be given in days, because its value is only known at deployment");
    expect(lifecycle(Duration.days(number))).not.toThrow();
  });
});
