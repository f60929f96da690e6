import * as fs from 'fs';
import * as path from 'path';
import { App, CfnParameter, DefaultStackSynthesizer, Stack, StackProps, Stage } from 'aws-cdk-lib';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { CloudAssembly } from 'aws-cdk-lib/cx-api';
import { DirectPushSynthesizer, IImageRepository, ImageRepository, ImageRoute, ImageSource } from '../../src';
import { dockerArchive } from '../helpers/image-archive';
import { APP, imageOfTask, Match, Template } from '../helpers/stack';

interface DockerImage {
  readonly source: { readonly directory: string };
  readonly destinations: { readonly [id: string]: { readonly repositoryName: string; readonly imageTag: string } };
}

/** A repository in one stack, and another stack that uses it. */
function newApp({ repository: env, web: webProps, name = 'team/web' }: { repository?: StackProps; web?: StackProps; name?: string } = {}) {
  const app = new App({ defaultStackSynthesizer: new DirectPushSynthesizer() });
  const repository = new ImageRepository(new Stack(app, 'Base', env), 'Repository', { repositoryName: name });
  return { app, repository, web: new Stack(app, 'Web', webProps) };
}

/** The images that the CLI pushes to your repositories for a stack, and the stacks that it deploys before. */
function directImages(assembly: CloudAssembly, stack = 'Web') {
  const { artifacts = {} } = assembly.manifest;
  const file = path.join(assembly.directory, `${stack}.images.json`);
  const images: DockerImage[] = fs.existsSync(file) ? Object.values(JSON.parse(fs.readFileSync(file, 'utf8')).dockerImages) : [];
  return { images, before: artifacts[`${stack}.images.assets`]?.dependencies, needed: artifacts[stack]?.dependencies };
}

describe('an image that is published in another stack than its repository', () => {
  test('is pushed by the CDK CLI directly into the repository: no function, no custom resource, no bootstrap repository', () => {
    const { app, repository, web } = newApp();
    const image = repository.buildAndPushImage(APP, { scope: web });
    new FargateTaskDefinition(web, 'Task').addContainer('web', { image });

    expect(image.route).toBe(ImageRoute.DIRECT);
    const { images, before, needed } = directImages(app.synth());
    expect(images.map(({ destinations }) => destinations)).toEqual([{
      repository: {
        repositoryName: 'team/web',
        imageTag: expect.stringMatching(/^live-app\.[a-f0-9]{8}\.pushed-[a-f0-9]{20}$/),
        assumeRoleArn: 'arn:${AWS::Partition}:iam::${AWS::AccountId}:role/cdk-hnb659fds-image-publishing-role-${AWS::AccountId}-${AWS::Region}',
      },
    }]);
    // The repository exists before the image is built, and the image before the service.
    expect(before).toEqual(['Base']);
    expect(needed).toEqual(expect.arrayContaining(['Base', 'Web.assets', 'Web.images.assets']));
    const template = Template.fromStack(web);
    template.resourceCountIs('AWS::Lambda::Function', 0);
    template.resourceCountIs('Custom::ContainerImageCopy', 0);
    expect(imageOfTask(template)).toMatch(new RegExp(`:${image.imageTag}$`));
  });

  test('allows only the image-publishing role of the bootstrap stack to push, also after a second image', () => {
    const { repository, web } = newApp();
    repository.buildAndPushImage(APP, { scope: web });
    repository.buildAndPushImage(APP, { scope: web, target: 'other' });

    Template.fromStack(Stack.of(repository)).hasResourceProperties('AWS::ECR::Repository', {
      RepositoryPolicyText: {
        Statement: [{
          Effect: 'Allow',
          Action: Match.arrayWith(['ecr:DescribeImages', 'ecr:PutImage']),
          Principal: { AWS: { 'Fn::Sub': Match.stringLikeRegexp('role/cdk-hnb659fds-image-publishing-role-') } },
        }],
      },
    });
  });

  test('is pushed to a repository of another account and region with the role of that account', () => {
    const { app, repository, web } = newApp({
      repository: { env: { account: '111122223333', region: 'eu-west-1' } },
      web: { env: { account: '444455556666', region: 'us-east-1' } },
    });
    repository.buildAndPushImage(APP, { scope: web });

    expect(directImages(app.synth()).images[0].destinations).toEqual({
      repository: expect.objectContaining({
        region: 'eu-west-1',
        assumeRoleArn: 'arn:${AWS::Partition}:iam::111122223333:role/cdk-hnb659fds-image-publishing-role-111122223333-eu-west-1',
      }),
    });
  });

  test('can come from an archive of docker save', () => {
    const { app, repository, web } = newApp();
    const image = repository.publish('web', ImageSource.tarball(dockerArchive()), { scope: web });

    expect(image.route).toBe(ImageRoute.DIRECT);
    const [{ source }] = directImages(app.synth()).images;
    expect(source).toEqual({ executable: expect.arrayContaining(['sh', '-c', expect.stringContaining('load --input')]) });
    expect(() => repository.publish('none', ImageSource.tarball('no.tar'), { scope: web })).toThrow(
      "'tarballFile' must be an existing file, got \"no.tar\". Write it with: docker save --output web.tar web:latest",
    );
  });

  test('uses the bootstrap qualifier', () => {
    const app = new App({ defaultStackSynthesizer: new DirectPushSynthesizer({ qualifier: 'team' }) });
    const repository = new ImageRepository(new Stack(app, 'Base'), 'Repository', { repositoryName: 'web' });
    repository.buildAndPushImage(APP, { scope: new Stack(app, 'Web') });

    expect(JSON.stringify(directImages(app.synth()).images)).toContain('role/cdk-team-image-publishing-role-');
  });

  test('leaves all other assets of the stack unchanged, and other stacks without its images', () => {
    const { app, repository, web } = newApp();
    repository.buildAndPushImage(APP, { scope: web });
    const asset = new DockerImageAsset(web, 'Asset', { directory: APP });
    new Stack(app, 'Third');

    const assembly = app.synth();
    const own = JSON.parse(fs.readFileSync(path.join(assembly.directory, 'Web.assets.json'), 'utf8'));
    expect(Object.keys(own.dockerImages)).toEqual([asset.assetHash]);
    expect(directImages(assembly, 'Third').images).toEqual([]);
  });

  test('is pushed to each of several repositories, even if their names are similar', () => {
    const { app, web } = newApp();
    const names = ['team/web', 'team-web', 'team.web'];
    const stack = new Stack(app, 'Others');
    names.forEach((repositoryName, index) => new ImageRepository(stack, `Repository${index}`, {
      repositoryName: `other/${repositoryName}`,
    }).buildAndPushImage(APP, { scope: web }));

    const destinations = directImages(app.synth()).images.map(image => image.destinations.repository.repositoryName);
    expect(destinations.sort()).toEqual(names.map(name => `other/${name}`).sort());
  });

  test('is rejected in a third stack, which could be deployed before the image is pushed', () => {
    const { app, repository, web } = newApp();
    const image = repository.buildAndPushImage(APP, { scope: web });
    new FargateTaskDefinition(new Stack(app, 'Third'), 'Task').addContainer('web', { image });
    expect(() => app.synth()).toThrow(/Third\/Task.*: 'image' must be published in the stack that uses it/);
  });

  test('works with a subclass of the synthesizer', () => {
    class Own extends DirectPushSynthesizer {}
    const app = new App();
    expect(new Stack(app, 'Stack', { synthesizer: new Own() }).synthesizer).toBeInstanceOf(Own);
  });

  test('changes only its tag when a file changes', () => {
    const { repository, web } = newApp();
    const tags = [APP, path.join(__dirname, '..', '..', 'examples', 'hello', 'app')].map((folder, index) =>
      repository.publish(`web${index}`, ImageSource.directory(folder), { scope: web }).imageTag);
    expect(tags[0].split('.')[1]).not.toBe(tags[1].split('.')[1]);
  });

  test('has no known digest, and the error says what to use instead', () => {
    const { repository, web } = newApp();
    expect(() => repository.buildAndPushImage(APP, { scope: web }).imageDigest).toThrow(
      "Web/ImagesOf-Base--Repository/app: 'imageDigest' must be asked of an image that is copied or passes a scan gate, got \"direct\". "
      + 'Use imageUri, which is as exact, or publish with route: ImageRoute.COPY.',
    );
  });
});

describe('an image is copied, with a reason,', () => {
  const direct = new DirectPushSynthesizer();

  test.each<[string, RegExp, () => { repository: IImageRepository; scope?: Stack; tags?: string[]; source?: ImageSource }]>([
    ['when its repository is in the same stack', /created in the stack that uses the image/, () => ({
      repository: new ImageRepository(new Stack(new App(), 'Web', { synthesizer: direct }), 'Repository', { repositoryName: 'web' }),
    })],
    ['when the stack has another synthesizer', /has no DirectPushSynthesizer/, () => {
      const { repository, web } = newApp({ web: { synthesizer: new DefaultStackSynthesizer() } });
      return { repository, scope: web };
    }],
    ['when the name of the repository is not known', /not known at synthesis/, () => {
      const { app, web } = newApp();
      const other = new Stack(app, 'Other');
      const name = new CfnParameter(other, 'Name').valueAsString;
      return { repository: new ImageRepository(other, 'Repository', { repositoryName: name }), scope: web };
    }],
    ['when it has tags of the user', /would use an existing tag/, () => {
      const { repository, web } = newApp();
      return { repository, scope: web, tags: ['v1'] };
    }],
    ['when this app does not create the repository', /the repository is not created by this app/, () => {
      const { web } = newApp();
      return { repository: ImageRepository.fromRepositoryName(new Stack(web.node.root as App, 'Imports'), 'Imported', 'team/web'), scope: web };
    }],
    ['if the repository is imported into the same stack', /the repository is not created by this app/, () => {
      const { web } = newApp();
      return { repository: ImageRepository.fromRepositoryName(web, 'Imported', 'team/web'), scope: web };
    }],
    ['if it is already an asset of CDK', /a DockerImageAsset is always pushed/, () => {
      const { repository, web } = newApp();
      return { repository, scope: web, source: ImageSource.asset(new DockerImageAsset(web, 'Asset', { directory: APP })) };
    }],
    ['when this app does not build it', /not built by this app/, () => {
      const { repository, web } = newApp();
      return { repository, scope: web, source: ImageSource.ecr(repository, 'v1') };
    }],
    ['if only one of the stacks has an environment', /only one of the two stacks has a known account and region/, () => {
      const { repository, web } = newApp({ web: { env: { account: '111122223333', region: 'eu-west-1' } } });
      return { repository, scope: web };
    }],
    ['when the repository is in another stage', /in another stage/, () => {
      const { app, repository } = newApp();
      return { repository, scope: new Stack(new Stage(app, 'Production'), 'Web') };
    }],
  ])('%s', (_, reason, prepare) => {
    const { repository, scope, tags, source = ImageSource.directory(APP) } = prepare();
    const image = repository.publish('web', source, { scope, tags });
    expect([image.route, image.routeReason]).toEqual([ImageRoute.COPY, expect.stringMatching(reason)]);

    expect(() => repository.publish('forced', source, { scope, tags: tags && ['v2'], route: ImageRoute.DIRECT }))
      .toThrow(/'route' must be ImageRoute\.COPY for the image 'forced', because .*, got "direct"\. (Create|Give|Leave|Use) /);
  });

  test('if you ask for it', () => {
    const { repository, web } = newApp();
    const image = repository.buildAndPushImage(APP, { scope: web, route: ImageRoute.COPY });

    expect([image.route, image.routeReason]).toEqual([ImageRoute.COPY, 'asked for']);
    const template = Template.fromStack(web);
    template.resourceCountIs('Custom::ContainerImageCopy', 1);
    template.resourceCountIs('AWS::Lambda::Function', 1);
    expect(image.imageDigest).toMatch(/^sha256:/);
  });
});
