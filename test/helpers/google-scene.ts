import { AwsFederation } from './aws-federation';
import { Stack } from './cloudformation';
import { AnswerBox } from './cloudformation-answers';
import { AsyncInvocation } from './cloudformation-lambda';
import { GOOGLE_IDENTITY_TEXT, GoogleCloud, StoredRepository } from './google-cloud';
import { TestClock } from './registry-clock';
import { CustomResourceEvent } from '../../src/custom-resource/protocol';
import { send } from '../../src/custom-resource/small-request';
import { artifactRepositoryWork, serveArtifactRepository } from '../../src/google/handler/serve-artifact-repository';

export const REPOSITORY = 'projects/my-project/locations/europe-west1/repositories/images';
export const PROPERTIES = { SchemaVersion: '1', Identity: GOOGLE_IDENTITY_TEXT, Project: 'my-project', Location: 'europe-west1', RepositoryId: 'images' };

/** A Google repository in a stack, its Lambda function, and the clouds that the function calls. */
export class GoogleScene {
  public static async open(): Promise<GoogleScene> {
    const aws = await AwsFederation.start();
    return new GoogleScene(aws, await GoogleCloud.start(aws), await AnswerBox.start());
  }

  public readonly clock = new TestClock();
  public readonly logs: string[] = [];
  public readonly lambda = new AsyncInvocation(async event => this.serve(event));
  public readonly stack: Stack;
  /** Whether the stack is rolled back when CloudFormation sends a Delete. */
  public rollsBack = false;
  /** The environment of the function in addition to credentials. */
  public identity = GOOGLE_IDENTITY_TEXT;
  /** The time of each invocation. */
  public milliseconds = 900_000;
  /** The number of next processes that crash after their work, before they respond. */
  public deaths = 0;

  private constructor(public readonly aws: AwsFederation, public readonly google: GoogleCloud, public readonly answers: AnswerBox) {
    aws.clock = this.clock;
    this.stack = this.another('Google');
  }

  /** Another stack with such a repository. */
  public another(name: string): Stack {
    return new Stack(this.lambda.invoke, this.answers, { name });
  }

  /** The repository at Google. */
  public get repository(): StoredRepository | undefined {
    return this.google.repositories.get(REPOSITORY);
  }

  /** The calls that changed something. */
  public get changes(): string[] {
    return this.google.calls.map(({ id }) => id.split('.').slice(-2).join('.')).filter(id => /\.(create|patch|delete)$/.test(id));
  }

  /** Delivers an event. */
  public async serve(event: CustomResourceEvent): Promise<void> {
    const dies = this.deaths > 0;
    if (dies) this.deaths--;
    const dependencies = {
      clock: this.clock,
      environment: {
        ...this.aws.environment, CLOUD_ORIGINS: JSON.stringify(this.google.origins), CLOUD_IDENTITY: this.identity,
        AWS_ENDPOINT_URL_CLOUDFORMATION: 'http://cloudformation.example',
      },
      send: async (request: Parameters<typeof send>[0]) => {
        if (request.url.host === 'cloudformation.example') {
          const status = this.rollsBack ? 'ROLLBACK_IN_PROGRESS' : event.RequestType === 'Delete' ? 'DELETE_IN_PROGRESS' : 'UPDATE_IN_PROGRESS';
          return { status: 200, body: `<StackStatus>${status}</StackStatus>` };
        }
        if (dies && request.method === 'PUT') throw new Error('the process died');
        return send(request);
      },
      log: (line: string) => this.logs.push(line),
      invokeAgain: async (again: CustomResourceEvent) => this.serve(again),
    };
    await serveArtifactRepository(event, { getRemainingTimeInMillis: () => this.milliseconds }, artifactRepositoryWork(dependencies), dependencies);
  }

  public async close(): Promise<void> {
    await Promise.all([this.aws.stop(), this.google.stop(), this.answers.stop()]);
  }
}
