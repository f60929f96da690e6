import { IStackSynthesizer, Stack, Stage, Token } from 'aws-cdk-lib';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { ImageSource } from './image-source';
import { DirectPushSynthesizer } from '../direct/direct-push-synthesizer';
import { isImported } from '../private/lookups';
import { hasMethods } from '../private/shape';
import { outermostStack } from '../private/stacks';
import { reject } from '../private/validation';

/** A repository that the CDK CLI can push into. */
export interface DirectRoad {
  readonly synthesizer: DirectPushSynthesizer;
  readonly repositoryName: string;
}

/** Why a road cannot be taken, and what to do about it. */
export interface Obstacle {
  readonly obstacle: string;
  readonly fix: string;
}

/** The road that an image takes, and why. */
export interface ChosenRoute {
  /** @default - the copy road */
  readonly direct?: DirectRoad;
  readonly reason: string;
}

interface RouteQuestion {
  /** The id of the image. */
  readonly id: string;
  readonly repository: IRepository;
  /** The name of the repository, if this app creates it and knows it. */
  readonly repositoryName: string | Obstacle;
  readonly source: ImageSource;
  /** The scope that the image is published in. */
  readonly scope: Construct;
  readonly tags: string[];
  readonly wanted?: ImageRoute;
}

/** Direct where it can be, else by copy. Throws where the direct road is demanded and cannot be taken. */
export function chooseRoute(question: RouteQuestion): ChosenRoute {
  if (question.wanted === ImageRoute.COPY) {
    return { reason: 'asked for' };
  }
  const direct = directRoad(question);
  if ('obstacle' in direct && question.wanted === ImageRoute.DIRECT) {
    reject(question.scope, {
      property: 'route', must: `be ImageRoute.COPY for the image '${question.id}', because ${direct.obstacle}`, got: question.wanted, fix: direct.fix,
    });
  }
  return 'obstacle' in direct ? { reason: direct.obstacle } : { direct, reason: 'the CDK CLI can push into the repository' };
}

function directRoad(
  { repository, repositoryName, source, scope, tags }: RouteQuestion,
): DirectRoad | Obstacle {
  const stack = outermostStack(scope);
  if (source._whyNotPushed !== undefined) {
    return { obstacle: source._whyNotPushed, fix: 'Use ImageSource.directory with one platform, or leave the route open.' };
  }
  if (Token.isUnresolved(tags) || tags.length > 0) {
    return {
      obstacle: 'the CDK CLI would take a tag that exists for the image, whatever it names',
      fix: 'Leave out the tags: the image has one of its own.',
    };
  }
  if (typeof repositoryName !== 'string' && isImported(repository)) {
    return repositoryName;
  }
  if (stack === outermostStack(repository)) {
    return {
      obstacle: 'the repository is created in the stack that uses the image, so it does not exist when the image is built',
      fix: 'Create the repository in another stack, and give the image the scope that uses it: { scope: this }.',
    };
  }
  if (typeof repositoryName !== 'string') {
    return repositoryName;
  }
  if (Stage.of(scope) !== Stage.of(repository)) {
    return { obstacle: 'the repository is in another stage', fix: 'Create the repository in the stage that uses it.' };
  }
  if (isKnown(repository.stack) !== isKnown(stack)) {
    return {
      obstacle: 'only one of the two stacks says its account and region, so the CDK CLI cannot tell where the repository is',
      fix: 'Give both stacks an env, or none.',
    };
  }
  const { synthesizer } = stack;
  if (!pushesDirectly(synthesizer)) {
    return {
      obstacle: `the stack '${stack.node.path}' has no DirectPushSynthesizer`,
      fix: 'Give it one: new Stack(app, id, { synthesizer: new DirectPushSynthesizer() }).',
    };
  }
  return { synthesizer, repositoryName };
}

/** By what it can do: the synthesizer may be of another copy of this package. */
function pushesDirectly(synthesizer: IStackSynthesizer): synthesizer is DirectPushSynthesizer {
  return hasMethods(synthesizer, '_pushInto');
}

function isKnown({ account, region }: Stack): boolean {
  return !Token.isUnresolved(account) && !Token.isUnresolved(region);
}

/** The road on which an image gets into its repository. */
export enum ImageRoute {
  /**
   * `cdk deploy` builds the image and pushes it into the repository. Needs `DirectPushSynthesizer`, which says who else can push then:
   * every app with the same bootstrap qualifier.
   */
  DIRECT = 'direct',

  /** A function copies the image into the repository during the deployment. Works always. */
  COPY = 'copy',
}
