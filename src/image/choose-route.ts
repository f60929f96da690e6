import { IStackSynthesizer, Stack, Stage, Token } from 'aws-cdk-lib';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { DEVELOPMENT_CONTEXT } from './development-mode';
import { ImageSource } from './image-source';
import { DirectPushSynthesizer } from '../direct/direct-push-synthesizer';
import { isInPipelineStack } from '../direct/pipelines';
import { isImported } from '../private/lookups';
import { hasMethods } from '../private/shape';
import { outermostStack } from '../private/stacks';
import { reject } from '../private/validation';

/** A repository that the CDK CLI can push into. */
export interface DirectRoute {
  readonly synthesizer: DirectPushSynthesizer;
  readonly repositoryName: string;
}

/** The reason why a route is impossible, and the fix. */
export interface Obstacle {
  readonly obstacle: string;
  readonly fix: string;
}

/** The route of an image, and the reason. */
export interface ChosenRoute {
  /** @default - the copy route */
  readonly direct?: DirectRoute;
  readonly route: ImageRoute;
  readonly reason: string;
}

interface RouteQuestion {
  /** The ID of the image. */
  readonly id: string;
  readonly repository: IRepository;
  /** The name of the repository, if this app creates it and the name is known. */
  readonly repositoryName: string | Obstacle;
  readonly source: ImageSource;
  /** The scope that the image is published in. */
  readonly scope: Construct;
  readonly tags: string[];
  readonly wanted?: ImageRoute;
  readonly isDevelopment: boolean;
}

/**
 * Chooses the direct route if possible, and otherwise the copy route. In development mode, the development route replaces the copy route. Throws if
 * the direct route is required but impossible.
 */
export function chooseRoute(question: RouteQuestion): ChosenRoute {
  if (isBuiltRemotely(question)) return { route: ImageRoute.BUILD, reason: 'the image has a builder' };
  const { direct, reason } = directOrCopy(question);
  if (direct !== undefined) return { direct, route: ImageRoute.DIRECT, reason };
  if (!question.isDevelopment || !question.source._isAsset) return { route: ImageRoute.COPY, reason };
  return { route: ImageRoute.DEVELOPMENT, reason: `development mode is on: the context value ${DEVELOPMENT_CONTEXT} is true` };
}

/** Whether the image has a builder. Throws if the required route contradicts that. */
function isBuiltRemotely({ id, scope, source, wanted }: RouteQuestion): boolean {
  const hasBuilder = source._remoteBuild !== undefined;
  if (hasBuilder && wanted !== undefined && wanted !== ImageRoute.BUILD) {
    reject(scope, {
      property: 'route', must: `be ImageRoute.BUILD for the image '${id}', because it has a builder`, got: wanted,
      fix: 'Leave the route out, or leave out the builder.',
    });
  }
  if (!hasBuilder && wanted === ImageRoute.BUILD) {
    reject(scope, {
      property: 'route', must: `be another one for the image '${id}', because it has no builder`, got: wanted,
      fix: 'Give the build a builder: ImageSource.directory(…, { builder: ImageBuilder.codeBuild() }).',
    });
  }
  return hasBuilder;
}

function directOrCopy(question: RouteQuestion): Omit<ChosenRoute, 'route'> {
  if (question.wanted === ImageRoute.COPY) {
    return { reason: 'asked for' };
  }
  const direct = directRoute(question);
  if ('obstacle' in direct && question.wanted === ImageRoute.DIRECT) {
    reject(question.scope, {
      property: 'route', must: `be ImageRoute.COPY for the image '${question.id}', because ${direct.obstacle}`, got: question.wanted, fix: direct.fix,
    });
  }
  return 'obstacle' in direct ? { reason: direct.obstacle } : { direct, reason: 'the CDK CLI can push into the repository' };
}

// The first obstacle is reported.
const OBSTACLES: readonly ((question: RouteQuestion, stack: Stack) => Obstacle | false | undefined)[] = [
  ({ source: { _whyNotPushed: obstacle } }) => obstacle !== undefined && { obstacle, fix: 'Use ImageSource.directory with one platform, or leave the route open.' },
  ({ tags }) => (Token.isUnresolved(tags) || tags.length > 0) && {
    obstacle: 'the CDK CLI would use an existing tag, even if it belongs to another image', fix: 'Leave out the tags. The image already has a unique tag.',
  },
  ({ repository, repositoryName }) => typeof repositoryName !== 'string' && isImported(repository) && repositoryName,
  ({ repository }, stack) => stack === outermostStack(repository) && {
    obstacle: 'the repository is created in the stack that uses the image, so it does not exist when the image is built',
    fix: 'Give the stack new DirectPushSynthesizer({ separateRepositories: true }), or create the repository in another stack yourself.',
  },
  ({ repositoryName }) => typeof repositoryName !== 'string' && repositoryName,
  ({ repository, scope }) => Stage.of(scope) !== Stage.of(repository) && {
    obstacle: 'the repository is in another stage', fix: 'Create the repository in the stage that uses it.',
  },
  ({ repository }, stack) => isKnown(repository.stack) !== isKnown(stack) && {
    obstacle: 'only one of the two stacks has a known account and region, so the CDK CLI cannot find the repository',
    fix: 'Give both stacks an env, or none.',
  },
  (_, stack) => !pushesDirectly(stack.synthesizer) && {
    obstacle: `the stack '${stack.node.path}' has no DirectPushSynthesizer`,
    fix: 'Give it one: new Stack(app, id, { synthesizer: new DirectPushSynthesizer() }).',
  },
  ({ scope, wanted }) => wanted !== ImageRoute.DIRECT && isInPipelineStack(scope) && {
    obstacle: 'the stage is in the stack of a pipeline, and CDK Pipelines pushes all images before it deploys the first repository',
    fix: 'Deploy the repository first, and publish with route: ImageRoute.DIRECT.',
  },
];

function directRoute(question: RouteQuestion): DirectRoute | Obstacle {
  const stack = outermostStack(question.scope);
  for (const obstacleIn of OBSTACLES) {
    const obstacle = obstacleIn(question, stack);
    if (obstacle) return obstacle;
  }
  return { synthesizer: stack.synthesizer as DirectPushSynthesizer, repositoryName: question.repositoryName as string };
}

/** Recognized by its methods, because the synthesizer can come from another copy of this package. */
function pushesDirectly(synthesizer: IStackSynthesizer): boolean {
  return hasMethods(synthesizer, '_pushInto');
}

function isKnown({ account, region }: Stack): boolean {
  return !Token.isUnresolved(account) && !Token.isUnresolved(region);
}

/** The route of an image into its repository. */
export enum ImageRoute {
  /**
   * `cdk deploy` builds the image and pushes it into the repository. Requires `DirectPushSynthesizer`. Every app with the same bootstrap
   * qualifier can then push too.
   */
  DIRECT = 'direct',

  /** A function copies the image into the repository during the deployment. Always possible. */
  COPY = 'copy',

  /**
   * CodeBuild builds the image during the deployment and pushes it into the repository. Set `builder` in the options of the build.
   */
  BUILD = 'build',

  /**
   * The image runs from the bootstrap repository of the CDK and is not published. Only in development mode, which the command line turns on:
   * `cdk deploy --hotswap -c cdk-container-delivery:development=true`. You cannot set this route in `PublishOptions`.
   */
  DEVELOPMENT = 'development',
}
