import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { text } from 'node:stream/consumers';
import { ACCOUNT, DeployedHandler, REGION } from './deployed';

export const SECRET_KEY = 'contract-secret-key';
export const SESSION_TOKEN = 'contract-session-token';

/** A request as it arrived. The URL has the host of the handler. */
export interface Captured {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** The answer to a request: an object is JSON, a text is a body. */
export interface Reply { readonly status?: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: object | string }

/** Answers to AWS calls by operation, such as `ecs:RunTask`, one after the other. The last one stays. */
export type Replies = Readonly<Record<string, readonly Reply[]>>;

/** The result of an invocation. */
export interface Invocation {
  readonly requests: readonly Captured[];
  /** The response to CloudFormation. Undefined if the function continues in another invocation. */
  readonly answers: readonly { readonly Status: string; readonly Reason?: string }[];
  readonly output: string;
}

export const digestOf = (content: string) => `sha256:${createHash('sha256').update(content).digest('hex')}`;

const LAYER = 'layer';
const CONFIG = JSON.stringify({ os: 'linux', architecture: 'amd64' });
const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
export const MANIFEST = JSON.stringify({
  schemaVersion: 2, mediaType: MANIFEST_TYPE,
  config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest: digestOf(CONFIG), size: CONFIG.length },
  layers: [{ mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', digest: digestOf(LAYER), size: LAYER.length }],
});
const BLOBS = new Map([CONFIG, LAYER].map(content => [digestOf(content), content]));
/** The image in every registry of the stub. */
export const IMAGE = { imageId: { imageDigest: digestOf(MANIFEST) }, imageManifest: MANIFEST, imageManifestMediaType: MANIFEST_TYPE };

/** The environment of an invocation. */
export interface InvokeOptions { readonly replies: Replies; readonly milliseconds?: number; readonly speed?: number }

/** Runs a bundled function with a stub for every server. */
export async function invoke({ handler, functionName, environment }: DeployedHandler, event: object, options: InvokeOptions): Promise<Invocation> {
  const { replies, milliseconds = 600_000, speed = 10 } = options;
  const requests: Captured[] = [];
  const answers: Invocation['answers'][number][] = [];
  const queues = new Map(Object.entries(replies).map(([operation, list]) => [operation, [...list]]));
  const server = createServer((request, response) => void serve(request, response));
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const body = await text(request);
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    const { 'x-contract-origin': origin, ...sent } = headers;
    const captured = { method: String(request.method), url: `${origin}${request.url}`, headers: sent, body };
    if (request.url === '/answer') {
      answers.push(JSON.parse(body));
      response.end();
      return;
    }
    requests.push(captured);
    const queue = queues.get(operationOf(captured));
    const reply = (queue !== undefined && queue.length > 1 ? queue.shift() : queue?.[0]) ?? registryReply(captured, replies);
    const { status = 200, headers: given = {}, body: content = '' } = reply;
    response.writeHead(status, given).end(request.method === 'HEAD' ? undefined : typeof content === 'string' ? content : JSON.stringify(content));
  };
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const child = spawn(process.execPath, [
    path.join(__dirname, 'run-handler.cjs'), path.resolve('assets', handler, 'index.js'), String((server.address() as AddressInfo).port), String(speed),
  ], {
    env: {
      PATH: process.env.PATH, AWS_REGION: REGION, AWS_ACCESS_KEY_ID: 'AKIDCONTRACT', AWS_SECRET_ACCESS_KEY: SECRET_KEY, AWS_SESSION_TOKEN: SESSION_TOKEN,
      AWS_LAMBDA_FUNCTION_NAME: functionName, ...environment,
    },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(JSON.stringify({ event: { ResponseURL: 'https://cloudformation-custom-resource-response.example/answer', ...event }, milliseconds }));
  const [output, trouble, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  server.closeAllConnections();
  server.close();
  if (code !== 0) throw new Error(`${handler} ended with ${code}: ${trouble}`);
  return { requests, answers, output };
}

/** Whether a request is signed for AWS. */
export function isSigned({ headers }: Captured): boolean {
  return headers.authorization?.startsWith('AWS4-HMAC-SHA256 ') ?? false;
}

/** The operation for the stub, from the header, the form or the path of the request. */
function operationOf(request: Captured): string {
  if (new URL(request.url).host === 'artifactregistry.googleapis.com') return `google:${request.method}`;
  if (new URL(request.url).host === 'management.azure.com') return `azure:${request.method}`;
  if (!isSigned(request)) return '';
  const service = String(request.headers.authorization.split('/')[3]);
  const target = request.headers['x-amz-target'];
  if (target !== undefined) return `${service}:${target.split('.').pop()}`;
  return `${service}:${new URLSearchParams(request.body).get('Action') ?? new URL(request.url).pathname.split('/').pop()}`;
}

/** A registry that has one image under every name, except for the tags and blobs of an ECR destination. */
function registryReply({ method, url, headers }: Captured, replies: Replies): Reply {
  const { host, pathname } = new URL(url);
  if (isSigned({ method, url, headers, body: '' })) return { status: 400, body: { __type: 'UnknownOperationException', message: 'the scenario has no answer' } };
  if (host === 'blobs.example') return { body: CONFIG };
  if (host === 'sts.googleapis.com') return { body: { access_token: 'federated', issued_token_type: 'urn:ietf:params:oauth:token-type:access_token', token_type: 'Bearer', expires_in: 3600 } };
  if (host === 'login.microsoftonline.com') return { body: { token_type: 'Bearer', expires_in: 3599, access_token: 'entra' } };
  if (host === 'iamcredentials.googleapis.com') return { body: { accessToken: 'access', expireTime: '2099-01-01T00:00:00Z' } };
  const [, what, version] = /^\/v2\/.+\/(manifests|blobs|referrers)\/(.+)$/.exec(pathname) ?? [];
  const isNew = host.includes('.dkr.ecr.') && replies['registry:isNew'] !== undefined && !pathname.includes('source');
  if (method === 'GET' || method === 'HEAD') {
    if (isNew || (replies['registry:hasNoTags'] !== undefined && !version.startsWith('sha256'))) return { status: 404 };
    if (what === 'manifests' && !/^sha256-/.test(version)) {
      return { headers: { 'content-type': MANIFEST_TYPE, 'docker-content-digest': digestOf(MANIFEST), 'content-length': String(MANIFEST.length) }, body: MANIFEST };
    }
    const blob = what === 'blobs' ? BLOBS.get(version) : undefined;
    return blob === undefined ? { status: 404 } : { headers: { 'content-length': String(blob.length) }, body: blob };
  }
  if (method === 'POST') return { status: 202, headers: { location: `${pathname}id` } };
  if (method === 'PATCH') return { status: 202, headers: { location: pathname, range: `0-${LAYER.length - 1}` } };
  return { status: 201, headers: { 'docker-content-digest': new URL(url).searchParams.get('digest') ?? digestOf(MANIFEST) } };
}

/** The ECR actions that requests to its registry need. */
export function registryActions({ method, url, body }: Captured): { readonly action: string; readonly resource: string }[] {
  const { host, pathname } = new URL(url);
  const [, repository, what] = /^\/v2\/(.+)\/(manifests|blobs|referrers|tags)\//.exec(pathname) ?? [];
  const [account, , , region] = host.split('.');
  if (!host.includes('.dkr.ecr.') || repository === undefined) return [];
  const writes: Readonly<Record<string, string>> = { POST: 'InitiateLayerUpload', PATCH: 'UploadLayerPart', PUT: what === 'blobs' ? 'CompleteLayerUpload' : 'PutImage' };
  const reads = what === 'blobs' ? method === 'HEAD' ? 'BatchCheckLayerAvailability' : 'GetDownloadUrlForLayer' : 'BatchGetImage';
  // A blob can be in the request that completes its upload.
  const actions = [writes[method] ?? reads, ...method === 'PUT' && what === 'blobs' && body !== '' ? ['UploadLayerPart'] : []];
  return actions.map(action => ({ action: `ecr:${action}`, resource: `arn:aws:ecr:${region}:${account}:repository/${repository}` }));
}

export const STACK_ID = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Contracts/1`;
