import { IncomingMessage, Server, ServerResponse, createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { CustomResourceEvent } from '../../src/custom-resource/protocol';

/** How CloudFormation handles a response. */
export interface Answer {
  readonly status: 'SUCCESS' | 'FAILED';
  /** `undefined` if there was no valid one. */
  readonly physicalId?: string;
  readonly reason?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A fake signature of the response URL: if a log contains it, a secret has leaked. */
export const SIGNATURE = 'answer-signature-canary';

const MAX_BYTES = 4096;
const MAX_ID_BYTES = 1024;

/** Accepts responses at pre-signed URLs, like the bucket of CloudFormation. */
export class AnswerBox {
  public static async start(): Promise<AnswerBox> {
    const box = new AnswerBox();
    await new Promise<void>(resolve => box.server.listen(0, '127.0.0.1', resolve));
    return box;
  }

  /** The number of puts, including rejected ones. */
  public puts = 0;
  private readonly server: Server;
  private readonly bodies = new Map<string, Buffer[]>();
  private refusals: (number | 'reset')[] = [];

  private constructor() {
    this.server = createServer((request, response) => void this.take(request, response));
  }

  /** The response URL of a request. */
  public address(requestId: string): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/${requestId}?X-Amz-Signature=${SIGNATURE}`;
  }

  /** Makes the next puts fail, one after the other, with a status or a reset. */
  public refuse(...refusals: readonly (number | 'reset')[]): void {
    this.refusals = [...refusals];
  }

  /** All responses to a request, in the order of arrival. */
  public received(requestId: string): readonly Buffer[] {
    return this.bodies.get(requestId) ?? [];
  }

  /** The response that counts: the first one for the request. Later ones are ignored. */
  public answerTo(event: CustomResourceEvent): Answer | undefined {
    return this.received(event.RequestId).map(body => readAnswer(body, event)).find(answer => answer !== undefined);
  }

  /** Closes all connections. */
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

/** Parses a response like CloudFormation; `undefined` for an invalid response to this request. */
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
