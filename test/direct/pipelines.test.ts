import { App, Stack, Stage } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { CodePipeline, CodePipelineSource, ShellStep } from 'aws-cdk-lib/pipelines';
import { Construct } from 'constructs';
import { DirectPushSynthesizer, ImageRepository, ImageRoute, PublishOptions } from '../../src';
import { APP } from '../helpers/stack';

const env = { account: '111122223333', region: 'eu-west-1' };

/** An app with a pipeline that deploys a stage. The stage is in the stack of the pipeline or in the app. */
function pipelineOf(stageIn: 'the pipeline' | 'the app', options: PublishOptions = {}, deploysStage = true) {
  const app = new App({ defaultStackSynthesizer: new DirectPushSynthesizer({ separateRepositories: true }) });
  const stack = new Stack(app, 'Pipeline', { env });
  const input = CodePipelineSource.s3(Bucket.fromBucketName(stack, 'Source', 'source'), 'source.zip');
  const pipeline = new CodePipeline(stack, 'Pipeline', { synth: new ShellStep('Synth', { input, commands: ['npx cdk synth'] }) });
  const scopes: { [name: string]: Construct } = { 'the pipeline': stack, 'the app': app };
  const stage = new Stage(scopes[stageIn], 'Prod', { env });
  const repository = new ImageRepository(new Stack(stage, 'Web'), 'Repository');
  const image = repository.buildAndPushImage(APP, options);
  if (deploysStage) pipeline.addStage(stage);
  app.synth();
  const warnings = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('pushes an image')).map(({ entry }) => String(entry.data));
  return { image, stack, warnings };
}

interface PipelineStage { readonly Name: string; readonly Actions: { readonly Name: string; readonly RunOrder: number }[] }

test('CDK Pipelines publishes the assets of a stage before it deploys the stack of the repository', () => {
  const { stack } = pipelineOf('the pipeline', { route: ImageRoute.DIRECT });
  const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::CodePipeline::Pipeline'));
  const stages = Properties.Stages as PipelineStage[];

  expect(stages.map(({ Name }) => Name)).toEqual(['Source', 'Build', 'UpdatePipeline', 'Assets', 'Prod']);
  const [{ Actions: assets }, { Actions: deployments }] = stages.slice(3);
  expect(assets.map(({ Name }) => Name)).toContain('Repository_Images_app_Asset');
  // Within the stage, the order is right.
  const inOrder = [...deployments].sort((one, other) => one.RunOrder - other.RunOrder).map(({ Name }) => Name);
  expect(inOrder).toEqual(['Web-images.Prepare', 'Web-images.Deploy', 'Web.Prepare', 'Web.Deploy']);
});

test('an image of a stage inside the stack of a pipeline is copied, unless you ask for direct push', () => {
  const { image, warnings } = pipelineOf('the pipeline');
  expect([image.route, image.routeReason]).toEqual([
    ImageRoute.COPY, 'the stage is in the stack of a pipeline, and CDK Pipelines pushes all images before it deploys the first repository',
  ]);
  expect(warnings).toEqual([]);
  expect(pipelineOf('the pipeline', { route: ImageRoute.DIRECT })).toMatchObject({ image: { route: ImageRoute.DIRECT }, warnings: [] });
});

test('for another stage, the pipeline warns, because the stage is only known at the end of synthesis', () => {
  const { image, warnings } = pipelineOf('the app');
  expect(image.route).toBe(ImageRoute.DIRECT);
  expect(warnings).toEqual([
    'The pipeline pushes an image of the stack Prod/Web before it deploys the stack Prod/Web/images, which creates the repository. The first run fails,'
    + ' unless the repository exists. Deploy the second stack before the first run, or publish with route: ImageRoute.COPY. With route: ImageRoute.DIRECT,'
    + ' this warning is off. [ack: cdk-container-delivery:pushBeforeRepository:Prod/Web]',
  ]);
});

test.each<[string, PublishOptions, boolean]>([
  ['an image that is pushed directly on request', { route: ImageRoute.DIRECT }, true],
  ['an image that is copied', { route: ImageRoute.COPY }, true],
  ['a stage that the pipeline does not deploy', {}, false],
])('the pipeline does not warn about %s', (_, options, deploysStage) => {
  expect(pipelineOf('the app', options, deploysStage).warnings).toEqual([]);
});
