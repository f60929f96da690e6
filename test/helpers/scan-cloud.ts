import { createHash } from 'node:crypto';
import { IncomingMessage, Server, ServerResponse, createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** One answer of ECR: a body, or an error by name. */
export type Reply = { readonly [name: string]: unknown } | string;

/** A received call. */
export interface Call {
  /** The IAM action, e.g. `ecr:PutImage`. */
  readonly action: string;
  readonly body: Readonly<Record<string, unknown>>;
}

type Body = Readonly<Record<string, unknown>>;

export const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
/** Values that must stay secret. */
export const SIGNATURE = 'signature-canary';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';

/** Whether a request follows the rules in the prose of the ECR API reference that no model contains. */
function isDocumented(operation: string, { imageIds, imageManifest, imageManifestMediaType, maxResults = 1 }: Body): boolean {
  switch (operation) {
    case 'BatchGetImage': {
      const ids = imageIds as readonly Body[];
      return ids.length >= 1 && ids.length <= 100 && ids.every(({ imageTag, imageDigest }) => imageTag !== undefined || imageDigest !== undefined);
    }
    case 'DescribeImageScanFindings': return Number(maxResults) >= 1 && Number(maxResults) <= 1000;
    // "If you push an image manifest that does not contain the mediaType field, you must specify the imageManifestMediaType in the request."
    case 'PutImage': return imageManifestMediaType !== undefined || JSON.parse(String(imageManifest)).mediaType !== undefined;
    default: return true;
  }
}

/** The digest of a manifest. */
export function digestOf(manifest: string): string {
  return `sha256:${createHash('sha256').update(manifest).digest('hex')}`;
}

/** The parts of ECR that scan and return images, and the part of CloudFormation that returns the status of stacks: real HTTP on loopback. */
export class ScanCloud {
  public static async start(): Promise<ScanCloud> {
    const cloud = new ScanCloud();
    await new Promise<void>(resolve => cloud.server.listen(0, '127.0.0.1', resolve));
    return cloud;
  }

  public readonly calls: Call[] = [];
  public readonly manifests = new Map<string, { readonly manifest: string; readonly mediaType?: string }>();
  public readonly tags = new Map<string, string>();
  /** Blobs by digest, at pre-signed URLs. */
  public readonly blobs = new Map<string, string>();
  /** The next results for the scan of an image, by digest; the last one stays. */
  public readonly scans = new Map<string, Reply[]>();
  /**
   * The errors of the next calls of an operation, each by name, with a message after `: ` or without; `reset` breaks the connection.
   * Downloads are named `GET`; their failures are a status, another body after `body: `, or a redirect target.
   */
  public readonly failures = new Map<string, string[]>();
  /** Bodies of the successful answers of an operation, instead of the usual ones. */
  public readonly bodies = new Map<string, string>();
  public repositoryName = 'team/web';
  /** The number of findings on a page. */
  public pageSize = 2;
  /** Changes every answer of an operation. */
  public readonly rewrites = new Map<string, (reply: Reply) => Reply>();
  /** Status of stacks by id, and their parents. */
  public readonly stacks = new Map<string, { readonly status: string; readonly parent?: string }>();
  /** The result of a manually started scan; an error by name is returned instead. */
  public started: Reply = 'LimitExceededException';
  private readonly server: Server;

  private constructor() {
    this.server = createServer((request, response) => void this.serve(request, response));
  }

  public get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Puts an image into the repository. */
  public add(json: object, ...tags: string[]): string {
    const { mediaType, manifests } = json as Body;
    return this.addText(JSON.stringify(json), String(mediaType ?? (Array.isArray(manifests) ? OCI_INDEX : OCI_MANIFEST)), ...tags);
  }

  /** Puts a manifest into the repository, with exactly these bytes and this media type. */
  public addText(manifest: string, mediaType: string | undefined, ...tags: string[]): string {
    const digest = digestOf(manifest);
    this.manifests.set(digest, { manifest, mediaType });
    tags.forEach(tag => this.tags.set(tag, digest));
    return digest;
  }

  /** Puts a blob into the repository. */
  public addBlob(json: object): string {
    return this.addBlobText(JSON.stringify(json));
  }

  /** Puts a blob with exactly this text into the repository. */
  public addBlobText(blob: string): string {
    this.blobs.set(digestOf(blob), blob);
    return digestOf(blob);
  }

  /** Closes all connections. */
  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method === 'GET') {
      this.download(request, response);
      return;
    }
    const sent = await text(request);
    const service = /Credential=[^/]+\/\d{8}\/[^/]+\/([a-z0-9]+)\/aws4_request/.exec(request.headers.authorization ?? '')?.[1];
    const [operation, body] = service === 'ecr'
      ? [String(request.headers['x-amz-target']).split('.')[1], JSON.parse(sent) as Body]
      : [new URLSearchParams(sent).get('Action') ?? '', Object.fromEntries(new URLSearchParams(sent))];
    this.calls.push({ action: `${service}:${operation}`, body });
    const failure = this.failures.get(operation)?.shift();
    if (failure === 'reset') {
      request.socket.destroy();
      return;
    }
    const given = this.bodies.get(operation);
    if (given !== undefined) {
      response.end(given);
      return;
    }
    if (operation === 'DescribeStacks' && failure === undefined) {
      const stack = this.stacks.get(String(body.StackName));
      response.writeHead(stack ? 200 : 400).end(stack ? describe(stack) : '<Error><Code>ValidationError</Code></Error>');
      return;
    }
    const answer = failure ?? (this.rewrites.get(operation) ?? (reply => reply))(this.answer(operation, body));
    const isError = typeof answer === 'string';
    response.writeHead(isError ? 400 : 200, { 'content-type': 'application/x-amz-json-1.1' });
    const [, __type, message = 'this text is not to be relied on'] = /^(\w+)(?:: (.+))?$/.exec(String(answer)) ?? [];
    response.end(JSON.stringify(isError ? { __type, message } : answer));
  }

  private download({ url = '', headers, socket }: IncomingMessage, response: ServerResponse): void {
    const { pathname, searchParams } = new URL(url, this.origin);
    this.calls.push({ action: 's3:GET', body: { headers } });
    const failure = this.failures.get('GET')?.shift();
    const found = searchParams.get('X-Amz-Signature') === SIGNATURE ? this.blobs.get(pathname.slice(1)) : undefined;
    if (failure === 'reset') socket.destroy();
    else if (failure?.startsWith('body: ')) response.end(failure.slice('body: '.length));
    else if (failure?.includes('/')) response.writeHead(307, { location: failure }).end();
    else response.writeHead(Number(failure ?? (found === undefined ? 403 : 200))).end(found ?? '<Error><Code>AccessDenied</Code></Error>');
  }

  private giveAddress({ layerDigest }: Body): Reply {
    if (!this.blobs.has(String(layerDigest))) return 'LayersNotFoundException';
    return { downloadUrl: `${this.origin}/${layerDigest}?X-Amz-Signature=${SIGNATURE}`, layerDigest };
  }

  private answer(operation: string, body: Body): Reply {
    if (!isDocumented(operation, body)) return 'InvalidParameterException: see the API reference';
    if (body.repositoryName !== this.repositoryName || body.registryId !== '111122223333') return 'RepositoryNotFoundException';
    switch (operation) {
      case 'BatchGetImage': return this.batchGet(body);
      case 'GetDownloadUrlForLayer': return this.giveAddress(body);
      case 'DescribeImageScanFindings': return this.describeFindings(body);
      case 'StartImageScan': return this.startScan(body);
      case 'PutImage': return this.put(body);
      default: return 'InvalidParameterException';
    }
  }

  private batchGet({ imageIds }: Body): Reply {
    const [{ imageTag, imageDigest }] = imageIds as readonly { readonly imageTag?: string; readonly imageDigest?: string }[];
    const digest = imageDigest ?? this.tags.get(String(imageTag)) ?? '';
    const found = this.manifests.get(digest);
    if (found === undefined) return { images: [], failures: [{ imageId: { imageTag, imageDigest }, failureCode: 'ImageNotFound' }] };
    const { manifest: imageManifest, mediaType: imageManifestMediaType } = found;
    return { images: [{ imageId: { imageDigest: digest, imageTag }, imageManifest, imageManifestMediaType }], failures: [] };
  }

  private describeFindings({ imageId, nextToken }: Body): Reply {
    const { imageDigest } = imageId as { readonly imageDigest: string };
    if (!this.manifests.has(imageDigest)) return 'ImageNotFoundException';
    const scripted = this.scans.get(imageDigest) ?? ['ScanNotFoundException'];
    const reply = scripted.length > 1 ? scripted.shift() ?? '' : scripted[0];
    return typeof reply === 'string' ? reply : page(reply, String(nextToken ?? ''), this.pageSize);
  }

  private startScan({ imageId }: Body): Reply {
    const { imageDigest } = imageId as { readonly imageDigest: string };
    if (typeof this.started !== 'string') this.scans.set(imageDigest, [this.started]);
    return typeof this.started === 'string' ? this.started : { imageScanStatus: { status: 'IN_PROGRESS' } };
  }

  private put({ imageManifest, imageTag, imageDigest }: Body): Reply {
    const digest = digestOf(String(imageManifest));
    if (digest !== imageDigest) return 'ImageDigestDoesNotMatchException';
    const before = this.tags.get(String(imageTag));
    if (before !== undefined) return before === digest ? 'ImageAlreadyExistsException' : 'ImageTagAlreadyExistsException';
    this.tags.set(String(imageTag), digest);
    return { image: { imageId: { imageDigest, imageTag } } };
  }
}

/** A page of findings, with a token for the next one. */
function page(reply: { readonly [name: string]: unknown }, token: string, size: number): Reply {
  const from = Number(token.replace('page-', '') || '0');
  const { imageScanFindings } = reply as { readonly imageScanFindings?: Readonly<Record<string, unknown>> };
  if (imageScanFindings === undefined) return reply;
  const kind = 'enhancedFindings' in imageScanFindings ? 'enhancedFindings' : 'findings';
  const list = imageScanFindings[kind];
  if (!Array.isArray(list)) return reply;
  return {
    ...reply,
    imageScanFindings: { ...imageScanFindings, [kind]: list.slice(from, from + size) },
    ...(from + size < list.length && { nextToken: `page-${from + size}` }),
  };
}

function describe({ status, parent }: { readonly status: string; readonly parent?: string }): string {
  const outputs = '<Outputs><member><OutputValue>&lt;StackStatus&gt;ROLLBACK_IN_PROGRESS&lt;/StackStatus&gt;</OutputValue></member></Outputs>';
  const around = parent === undefined ? '' : `<ParentId>${parent}</ParentId><RootId>${parent}</RootId>`;
  return '<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>'
    + `${outputs}<StackStatus>${status}</StackStatus>${around}</member></Stacks></DescribeStacksResult></DescribeStacksResponse>`;
}
