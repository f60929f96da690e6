import { Annotations, Aspects, Stack, Stage } from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';

// CDK Pipelines publishes the assets of all stages before it deploys the first stack. A repository of the same pipeline does not exist then.
// https://docs.aws.amazon.com/cdk/v2/guide/cdk-pipeline.html

const WARNING = 'cdk-container-delivery:pushBeforeRepository';

/** Whether the stage of a construct is in a stack. CDK Pipelines deploys such stages from the stack of the pipeline. */
export function isInPipelineStack(scope: IConstruct): boolean {
  return Stage.of(scope)?.node.scopes.some(each => Stack.isStack(each)) ?? false;
}

/** Warns at each pipeline that deploys the stack of a directly pushed image. Runs at the end of synthesis, when all stages are known. */
export function warnInPipelines(user: Stack, repositoryStack: Stack): void {
  const stage = Stage.of(user);
  if (stage === undefined || stage === user.node.root) return;
  Aspects.of(user.node.root).add({
    visit: node => {
      if (!deploys(node, user)) return;
      Annotations.of(node).addWarningV2(`${WARNING}:${user.node.path}`,
        `The pipeline pushes an image of the stack ${user.node.path} before it deploys the stack ${repositoryStack.node.path}, which creates the repository.`
        + ' The first run fails, unless the repository exists. Deploy the second stack before the first run, or publish with route: ImageRoute.COPY.'
        + ' With route: ImageRoute.DIRECT, this warning is off.');
    },
  });
}

/** The parts of `pipelines.PipelineBase` that show which stages it deploys. Importing the module would slow down synthesis. */
interface Pipeline extends Construct {
  readonly waves: readonly { readonly stages: readonly { readonly stacks: readonly { readonly constructPath: string }[] }[] }[];
}

function deploys(node: IConstruct, stack: Stack): boolean {
  return isPipeline(node)
    && node.waves.some(({ stages }) => stages.some(({ stacks }) => stacks.some(each => each.constructPath === stack.node.path)));
}

function isPipeline(node: IConstruct): node is Pipeline {
  return 'waves' in node && 'buildPipeline' in node && Array.isArray(node.waves);
}
