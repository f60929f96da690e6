import { STATUS_CODES } from 'node:http';
import { Socket } from 'node:net';
import { Fault, PlainAnswer, bytesBefore, resetOffset } from './fault-proxy-faults';

/** The functions that a fault in an answer needs. */
export interface WireOptions {
  readonly method: string;
  readonly socket: Socket;
  /** Breaks the connection with a RST. */
  readonly reset: () => void;
  /** Nothing more will be sent. */
  readonly stalled: () => void;
  /** Lets time pass between two bytes. */
  readonly pause: () => Promise<void>;
}

/** Writes an answer with a fault, byte by byte if necessary; the connection is not used again. */
export async function writeSpoiled(fault: Fault, answer: PlainAnswer, { method, socket, reset, stalled, pause }: WireOptions): Promise<void> {
  const body = method === 'HEAD' ? Buffer.alloc(0) : answer.body;
  const { length } = body;
  const cut = (at: number) => {
    // An answer without a body has its fault in the headers.
    const start = head(answer, method === 'HEAD' ? undefined : length);
    return length === 0 ? start.subarray(0, start.length / 2) : Buffer.concat([start, body.subarray(0, at)]);
  };
  const offset = resetOffset(fault, 'answer');
  if (offset !== undefined) {
    socket.write(cut(bytesBefore(offset, length)), reset);
    return;
  }
  switch (fault) {
    case 'stall in the answer':
      socket.write(cut(Math.floor(length / 2)), stalled);
      return;
    case 'truncated body':
      socket.end(Buffer.concat([head(answer, 'until the end'), body.subarray(0, length / 2)]));
      return;
    case 'one byte too many':
      socket.end(Buffer.concat([head(answer, 'until the end'), body, Buffer.from('!')]));
      return;
    case 'one wrong byte':
      socket.end(Buffer.concat([head(answer, length), withWrongByte(body)]));
      return;
    case 'wrong Content-Length':
      socket.end(Buffer.concat([head(answer, length + 1), body]));
      return;
    case 'slow loris': {
      if (length > 0) socket.write(head(answer, length));
      for (const byte of length > 0 ? body : head(answer)) {
        await pause();
        if (socket.destroyed) return;
        socket.write(Buffer.of(byte));
      }
      socket.end();
      return;
    }
    default:
      socket.end(Buffer.concat([head(answer), body]));
  }
}

/** Status line and headers; without a given length, the one of the registry. */
function head({ status, headers }: PlainAnswer, length?: number | 'until the end'): Buffer {
  const lines = Object.entries(headers)
    .filter(([name]) => !['connection', 'keep-alive', 'transfer-encoding'].includes(name) && !(name === 'content-length' && length !== undefined))
    .flatMap(([name, values]) => [values ?? []].flat().map(value => `${name}: ${value}`));
  const framing = typeof length === 'number' ? [`content-length: ${length}`] : [];
  return Buffer.from([`HTTP/1.1 ${status} ${STATUS_CODES[status]}`, ...lines, ...framing, 'connection: close', '', ''].join('\r\n'), 'latin1');
}

function withWrongByte(body: Buffer): Buffer {
  const wrong = Buffer.from(body);
  const middle = Math.floor(wrong.length / 2);
  if (middle < wrong.length) wrong[middle] = wrong[middle] % 2 === 0 ? wrong[middle] + 1 : wrong[middle] - 1;
  return wrong;
}
