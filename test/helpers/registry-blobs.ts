import { Answer, Call, refused } from './registry-answers';
import { sha256 } from './registry-images';
import { TestRepository } from './registry-store';

/** Answers a request for a blob, whose path the registry has resolved. */
export function answerBlob(call: Call, repository: TestRepository, nameOf: (bytes: Buffer, digest: string) => string, storage?: string): Answer {
  if (!/^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/.test(call.reference)) return refused(400, 'DIGEST_INVALID');
  const bytes = repository.blob(call.reference);
  if (bytes === undefined) return refused(404, 'BLOB_UNKNOWN', 'blob unknown to registry');
  if (call.kind === 'DELETE blob') {
    repository.blobs.delete(sha256(bytes));
    return { status: 202 };
  }
  // A pre-signed URL is a secret itself.
  const location = `${storage}/storage/${call.reference}?X-Amz-Signature=presigned-canary`;
  if (call.kind === 'GET blob' && storage !== undefined) return { status: 307, headers: { location } };
  return withRange(call, bytes, { 'docker-content-digest': nameOf(bytes, call.reference), 'content-type': 'application/octet-stream' });
}

/** Answers for a storage service: it accepts the signature in the URL and rejects any other authorization next to it. */
export function answerStorage(call: Call, bytes: Buffer | undefined): Answer {
  const text = { 'content-type': 'application/xml' };
  const error = (code: string, words: string) => Buffer.from(`<Error><Code>${code}</Code><Message>${words}</Message></Error>`);
  if (call.headers.authorization !== undefined) {
    return { status: 400, headers: text, body: error('InvalidArgument', 'Only one auth mechanism allowed') };
  }
  if (bytes === undefined) return { status: 404, headers: text, body: error('NoSuchKey', 'The specified key does not exist.') };
  return withRange(call, bytes, { 'content-type': 'binary/octet-stream' });
}

function withRange({ headers: { range } }: Call, bytes: Buffer, headers: Answer['headers']): Answer {
  const whole = { 'accept-ranges': 'bytes', ...headers };
  if (range === undefined) return { status: 200, headers: whole, body: bytes };
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(range) ?? [];
  const start = first === '' ? bytes.length - Number(last) : Number(first);
  const end = first === '' || last === '' ? bytes.length - 1 : Math.min(Number(last), bytes.length - 1);
  if (Number.isNaN(start) || start > end || start < 0) return { status: 416, headers, body: Buffer.from('invalid range') };
  return { status: 206, headers: { ...whole, 'content-range': `bytes ${start}-${end}/${bytes.length}` }, body: bytes.subarray(start, end + 1) };
}
