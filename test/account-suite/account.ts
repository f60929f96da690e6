import * as http from 'http';
import { AddressInfo } from 'net';

/** The content of a fake account. */
export interface Contents {
  readonly bootstrapped?: boolean;
  repositories?: string[];
  logGroups?: string[];
  certificates?: string[];
  /** Other tagged resources, by ARN. */
  readonly tagged?: string[];
  /** Operations that AWS rejects. */
  readonly denied?: string[];
}

/** A fake of the AWS APIs that the runner calls, and of a page behind a load balancer. */
export class Account {
  public readonly calls: string[] = [];
  /** The status codes of the page, one after the other; then 200. */
  public pageStatuses: number[] = [];
  public pageRequests = 0;
  private readonly server = http.createServer((request, response) => this.answer(request, response));

  constructor(public readonly contents: Contents = {}) {}

  public async start(): Promise<string> {
    await new Promise<void>(resolve => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private answer(request: http.IncomingMessage, response: http.ServerResponse): void {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      const body = Buffer.concat(chunks).toString();
      if (request.url === '/page') {
        this.pageRequests++;
        response.writeHead(this.pageStatuses.shift() ?? 200).end('version 1');
        return;
      }
      const operation = String(request.headers['x-amz-target'] ?? 'Sts.GetCallerIdentity').split('.').pop() ?? '';
      this.calls.push(operation);
      if (this.contents.denied?.includes(operation)) {
        response.writeHead(400).end(JSON.stringify({ __type: 'AccessDeniedException' }));
        return;
      }
      const [status, result] = this.operate(operation, body);
      response.writeHead(status).end(typeof result === 'string' ? result : JSON.stringify(result));
    });
  }

  private operate(operation: string, text: string): [number, object | string] {
    const { contents } = this;
    const body = operation === 'GetCallerIdentity' ? {} : JSON.parse(text) as Record<string, string>;
    switch (operation) {
      case 'GetCallerIdentity': return [200, '<GetCallerIdentityResponse><Account>111122223333</Account></GetCallerIdentityResponse>'];
      case 'GetParameter': return contents.bootstrapped === false ? [400, { __type: 'ParameterNotFound' }] : [200, { Parameter: { Value: '30' } }];
      case 'ImportCertificate': {
        const arn = `arn:aws:acm:eu-west-1:111122223333:certificate/${contents.certificates?.length ?? 0}`;
        contents.certificates = [...contents.certificates ?? [], arn];
        return [200, { CertificateArn: arn }];
      }
      case 'DeleteCertificate':
        contents.certificates = contents.certificates?.filter(each => each !== body.CertificateArn);
        return [200, ''];
      case 'DescribeRepositories': return [200, { repositories: (contents.repositories ?? []).map(repositoryName => ({ repositoryName })) }];
      case 'DeleteRepository':
        contents.repositories = contents.repositories?.filter(each => each !== body.repositoryName);
        return [200, {}];
      case 'DescribeLogGroups': {
        const found = (contents.logGroups ?? []).filter(each => each.startsWith(body.logGroupNamePrefix));
        return [200, { logGroups: found.map(logGroupName => ({ logGroupName })) }];
      }
      case 'DeleteLogGroup':
        contents.logGroups = contents.logGroups?.filter(each => each !== body.logGroupName);
        return [200, ''];
      case 'GetResources': {
        const arns = [...contents.certificates ?? [], ...contents.tagged ?? []];
        return [200, { ResourceTagMappingList: arns.map(ResourceARN => ({ ResourceARN })), PaginationToken: '' }];
      }
      default: return [400, { __type: 'UnknownOperationException' }];
    }
  }
}
