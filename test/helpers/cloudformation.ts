import { isDeepStrictEqual } from 'node:util';
import { Answer, AnswerBox } from './cloudformation-answers';
import { CustomResourceEvent } from '../../src/custom-resource/protocol';

/** Properties of the custom resource, as in a template. */
export type Properties = Readonly<Record<string, unknown>>;

/** Passes an event to the function; resolves when Lambda will not run it again. */
export type Invoke = (event: CustomResourceEvent) => Promise<void>;

/** The custom resource in the state of CloudFormation. */
export interface DeployedResource {
  readonly properties: Properties;
  readonly physicalId: string;
  readonly data: Answer['data'];
}

/** The final status of a deployment. */
export type StackStatus =
  | 'CREATE_COMPLETE' | 'ROLLBACK_COMPLETE' | 'ROLLBACK_FAILED'
  | 'UPDATE_COMPLETE' | 'UPDATE_ROLLBACK_COMPLETE' | 'UPDATE_ROLLBACK_FAILED'
  | 'DELETE_COMPLETE' | 'DELETE_FAILED' | 'NO_CHANGE';

/** The behavior of a stack where the CloudFormation documentation is silent, or other resources decide. */
export interface StackOptions {
  /** @default 'Web' */
  readonly name?: string;
  /** Whether a failed replacement is updated back, or only its new id deleted: users report both. @default 'update' */
  readonly failedReplacement?: 'update' | 'delete';
}

interface Failed {
  readonly before: DeployedResource;
  readonly wanted: Properties;
  readonly physicalId: string;
}

const NO_ANSWER: Answer = { status: 'FAILED', reason: 'CloudFormation did not receive a response from your Custom Resource', data: {} };

/** CloudFormation with one custom resource: a stack with this resource and others, whose failure tests can trigger. */
export class Stack {
  /** Every event so far, in order. */
  public readonly events: CustomResourceEvent[] = [];
  /** The resource, if it exists. */
  public resource?: DeployedResource;
  private failed?: Failed;
  private readonly stackId: string;

  constructor(private readonly invoke: Invoke, private readonly answers: AnswerBox, private readonly options: StackOptions = {}) {
    this.stackId = `arn:aws:cloudformation:us-east-1:111122223333:stack/${options.name ?? 'Web'}/00000000`;
  }

  /** Whether only `continueRollback` and `delete` are possible. */
  public get stuck(): boolean {
    return this.failed !== undefined;
  }

  /** Deploys a template in which the resource has these properties. */
  public async deploy(template: Properties, { thenFails = false } = {}): Promise<StackStatus> {
    if (this.failed !== undefined) throw new Error('the stack is in the state UPDATE_ROLLBACK_FAILED');
    const wanted = asStrings(template);
    if (this.resource === undefined) return this.create(wanted, thenFails);
    return isDeepStrictEqual(wanted, this.resource.properties) ? 'NO_CHANGE' : this.update(this.resource, wanted, thenFails);
  }

  /** Deletes the resource, or the whole stack. */
  public async delete(): Promise<StackStatus> {
    const { resource } = this;
    if (resource === undefined) return 'NO_CHANGE';
    const { status } = await this.request('Delete', resource);
    if (status === 'FAILED') return 'DELETE_FAILED';
    this.resource = this.failed = undefined;
    return 'DELETE_COMPLETE';
  }

  /** Retries the failed rollback of a stack in the state UPDATE_ROLLBACK_FAILED. */
  public async continueRollback(): Promise<StackStatus> {
    if (this.failed === undefined) throw new Error('the stack has nothing to roll back');
    const { before, wanted, physicalId } = this.failed;
    const answer = await this.request('Update', { properties: before.properties, physicalId }, wanted);
    if (answer.status === 'FAILED') return 'UPDATE_ROLLBACK_FAILED';
    this.failed = undefined;
    this.resource = { properties: before.properties, physicalId: answer.physicalId ?? physicalId, data: answer.data };
    if (this.resource.physicalId !== physicalId) await this.request('Delete', { properties: wanted, physicalId });
    return 'UPDATE_ROLLBACK_COMPLETE';
  }

  private async create(wanted: Properties, thenFails: boolean): Promise<StackStatus> {
    const { status, physicalId = `Web-Image-${this.events.length}INVENTED`, data } = await this.request('Create', { properties: wanted });
    if (status === 'SUCCESS' && !thenFails) {
      this.resource = { properties: wanted, physicalId, data };
      return 'CREATE_COMPLETE';
    }
    const gone = await this.request('Delete', { properties: wanted, physicalId });
    return gone.status === 'SUCCESS' ? 'ROLLBACK_COMPLETE' : 'ROLLBACK_FAILED';
  }

  private async update(before: DeployedResource, wanted: Properties, thenFails: boolean): Promise<StackStatus> {
    const { status, physicalId = before.physicalId, data } = await this.request('Update', { ...before, properties: wanted }, before.properties);
    const replaced = physicalId !== before.physicalId;
    if (status === 'SUCCESS' && !thenFails) {
      this.resource = { properties: wanted, physicalId, data };
      // Runs in the clean-up phase, and its failure has no effect.
      if (replaced) await this.request('Delete', before);
      return 'UPDATE_COMPLETE';
    }
    if (replaced && status === 'FAILED' && this.options.failedReplacement === 'delete') {
      await this.request('Delete', { properties: wanted, physicalId });
      return 'UPDATE_ROLLBACK_COMPLETE';
    }
    this.failed = { before, wanted, physicalId };
    return this.continueRollback();
  }

  private async request(
    RequestType: CustomResourceEvent['RequestType'],
    { properties, physicalId }: { readonly properties: Properties; readonly physicalId?: string },
    old?: Properties,
  ): Promise<Answer> {
    const RequestId = `${this.options.name ?? 'Web'}-request-${this.events.length + 1}`;
    const event: CustomResourceEvent = {
      RequestType,
      ResponseURL: this.answers.address(RequestId),
      StackId: this.stackId,
      RequestId,
      LogicalResourceId: 'Image',
      ...(physicalId !== undefined && { PhysicalResourceId: physicalId }),
      ResourceProperties: properties,
      ...(old !== undefined && { OldResourceProperties: old }),
    };
    this.events.push(event);
    await this.invoke(event);
    return this.answers.answerTo(event) ?? NO_ANSWER;
  }
}

/** CloudFormation turns every scalar into a string and omits undefined values. */
export function asStrings(template: Properties): Properties {
  const text = (_: string, value: unknown) => typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
  return JSON.parse(JSON.stringify({ ServiceToken: 'arn:aws:lambda:us-east-1:111122223333:function:copy', ServiceTimeout: 960, ...template }, text));
}
