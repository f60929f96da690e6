import { Stack, StackStatus } from './cloudformation';
import { AnswerBox } from './cloudformation-answers';
import { AsyncInvocation } from './cloudformation-lambda';
import { EcrSettings } from './ecr-settings';
import { TestClock } from './registry-clock';
import { CustomResourceEvent } from '../../src/custom-resource/protocol';
import { send } from '../../src/custom-resource/small-request';
import { serveBlobMounting } from '../../src/registry/handler/serve-blob-mounting';

/** Both custom resources of blob mounting in a stack, their Lambda function, and the ECR API. */
export class BlobMountingScene {
  public static async open(): Promise<BlobMountingScene> {
    return new BlobMountingScene(await EcrSettings.start(), await AnswerBox.start());
  }

  public readonly clock = new TestClock();
  public readonly logs: string[] = [];
  public readonly lambda = new AsyncInvocation(async event => this.serve(event));
  public readonly before: Stack;
  public readonly setting: Stack;
  /** The number of next processes that crash after their work, before they respond. */
  public deaths = 0;

  private constructor(public readonly ecr: EcrSettings, public readonly answers: AnswerBox) {
    this.before = new Stack(this.lambda.invoke, answers, { name: 'Before' });
    this.setting = new Stack(this.lambda.invoke, answers, { name: 'Setting' });
  }

  /** Both resources, as CloudFormation deploys them: the second one gets the result of the first one. */
  public async deploy(OnRemoval?: 'Restore', options?: { thenFails: boolean }): Promise<StackStatus> {
    const looked = await this.look();
    if (looked === 'ROLLBACK_COMPLETE') return looked;
    return this.setting.deploy({ SchemaVersion: '1', Step: 'Enable', Before: this.before.resource?.data.Before, OnRemoval }, options);
  }

  /** Only the first of them. */
  public async look(changes: object = {}): Promise<StackStatus> {
    return this.before.deploy({ SchemaVersion: '1', Step: 'Look', ...changes });
  }

  /** Deletes both, like CloudFormation: in reverse order. */
  public async remove(): Promise<readonly StackStatus[]> {
    return [await this.setting.delete(), await this.before.delete()];
  }

  /** Delivers an event. */
  public async serve(event: CustomResourceEvent): Promise<void> {
    const dies = this.deaths > 0;
    if (dies) this.deaths--;
    await serveBlobMounting(event, { getRemainingTimeInMillis: () => 120_000 }, {
      clock: this.clock,
      environment: {
        AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL_ECR: this.ecr.origin, AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret-canary',
      },
      send: async request => {
        if (dies && request.method === 'PUT') throw new Error('the process died');
        return send(request);
      },
      log: line => this.logs.push(line),
    });
  }

  /** Closes all connections. */
  public async close(): Promise<void> {
    await Promise.all([this.ecr.stop(), this.answers.stop()]);
  }
}
