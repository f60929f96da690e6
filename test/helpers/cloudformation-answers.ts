import { IncomingMessage, Server, ServerResponse, createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { CustomResourceEvent } from '../../src/custom-resource/protocol';

/** What CloudFormation makes of an answer. */
export interface Answer {
  readonly status: 'SUCCESS' | 'FAILED';
  /** `undefined` when there was none that CloudFormation takes. */
  readonly physicalId?: string;
  readonly reason?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A stand-in for the signature of the address: whoever logs it has leaked a secret. */
export const SIGNATURE = 'answer-signature-canary';

const MAX_BYTES = 4096;
const MAX_ID_BYTES = 1024;

/** Takes answers at pre-signed addresses, like the bucket of CloudFormation. */
export class AnswerBox {
  public static async start(): Promise<AnswerBox> {
    const box = new AnswerBox();
    await new Promise<void>(resolve => box.server.listen(0, '127.0.0.1', resolve));
    return box;
  }

  /** How many puts there were, the refused ones too. */
  public puts = 0;
  private readonly server: Server;
  private readonly bodies = new Map<string, Buffer[]>();
  private refusals: (number | 'reset')[] = [];

  private constructor() {
    this.server = createServer((request, response) => void this.take(request, response));
  }

  /** The address for the answer to a request. */
  public address(requestId: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${requestId}?X-Amz-Signature=${SIGNATURE}`;
  }

  /** Lets the next puts fail, one after the other, with a status or a reset. */
  public refuse(...refusals: readonly (number | 'reset')[]): void {
    this.refusals = [...refusals];
  }

  /** All answers to a request, in the order of their arrival. */
  public received(requestId: string): readonly Buffer[] {
    return this.bodies.get(requestId) ?? [];
  }

  /** The answer that counts: the first one that belongs to the request. Whatever comes later is ignored. */
  public answerTo(event: CustomResourceEvent): Answer | undefined {
    return this.received(event.RequestId).map(body => readAnswer(body, event)).find(answer => answer !== undefined);
  }

  /** Ends all connections. */
  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request);
    this.puts++;
    const refusal = this.refusals.shift();
    if (refusal === 'reset') {
      request.socket.destroy();
      return;
    }
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://bucket');
    // The signature covers an empty content type and nothing else.
    const signed = request.method === 'PUT' && searchParams.get('X-Amz-Signature') === SIGNATURE && !request.headers['content-type'];
    const status = refusal ?? (signed ? 200 : 403);
    const id = pathname.slice(1);
    if (status === 200) this.bodies.set(id, [...this.bodies.get(id) ?? [], body]);
    response.writeHead(status).end();
  }
}

/** Reads an answer as CloudFormation does; `undefined` for what it does not take for an answer to this request. */
export function readAnswer(body: Buffer, event: CustomResourceEvent): Answer | undefined {
  if (body.length > MAX_BYTES) return { status: 'FAILED', reason: 'Response object is too long.', data: {} };
  let json: Readonly<Record<string, unknown>>;
  try {
    json = JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
  const { Status, PhysicalResourceId: physicalId, Reason, Data = {} } = json;
  if ((['StackId', 'RequestId', 'LogicalResourceId'] as const).some(name => json[name] !== event[name])) return undefined;
  if (typeof physicalId !== 'string' || physicalId === '' || Buffer.byteLength(physicalId) > MAX_ID_BYTES) {
    return { status: 'FAILED', reason: 'Invalid PhysicalResourceId', data: {} };
  }
  if (Status === 'SUCCESS') return { status: 'SUCCESS', physicalId, data: Data as Answer['data'] };
  const reason = typeof Reason === 'string' && Reason !== '' ? Reason : 'Vendor response doesn\'t contain Reason';
  return { status: 'FAILED', physicalId, reason, data: {} };
}
