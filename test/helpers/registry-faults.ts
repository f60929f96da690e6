import { IncomingMessage, ServerResponse } from 'node:http';

/** Requests by purpose. */
export type RequestKind =
  | 'HEAD manifest' | 'GET manifest' | 'PUT manifest' | 'DELETE manifest' | 'HEAD blob' | 'GET blob' | 'DELETE blob'
  | 'mount' | 'POST upload' | 'PUT upload' | 'PATCH upload' | 'GET upload' | 'DELETE upload'
  | 'GET tags' | 'GET referrers' | 'GET token' | 'GET storage' | 'ping' | 'other';

/** A fault of one request. */
export type Fault =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly code?: string; readonly message?: string }
  | 'reset' | 'reset in the upload' | 'reset in the body' | 'stall' | 'stall in the body' | 'corrupt byte' | 'short body' | 'lose the answer' | 'late answer';

const READ_MILLISECONDS = 30;

/** Applies a fault to a request that would get a body; `false` if the answer itself is not affected. */
export function commit(fault: Fault, request: IncomingMessage, response: ServerResponse, body: Buffer, stalled: () => void): void {
  if (typeof fault === 'object') {
    const errors = [{ code: fault.code ?? 'UNKNOWN', message: fault.message ?? 'scripted fault' }];
    request.resume();
    response.writeHead(fault.status, { ...fault.headers }).end(request.method === 'HEAD' ? undefined : JSON.stringify({ errors }));
    return;
  }
  const half = body.subarray(0, Math.floor(body.length / 2));
  switch (fault) {
    case 'stall':
      stalled();
      return;
    case 'reset in the body':
    case 'stall in the body':
      response.writeHead(200, { 'content-length': body.length });
      // The client has read it by then.
      response.write(half, () => fault === 'stall in the body' ? setTimeout(stalled, READ_MILLISECONDS) : request.socket.destroy());
      return;
    case 'corrupt byte': {
      const wrong = Buffer.from(body);
      wrong[0] = wrong[0] === 0 ? 1 : 0;
      response.writeHead(200, { 'content-length': wrong.length }).end(wrong);
      return;
    }
    case 'short body':
      response.writeHead(200).end(half);
      return;
    default:
      request.socket.destroy();
  }
}
