import { IncomingMessage, Server, ServerResponse, createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { Program } from '../machine/program';

/** The response of a custom resource, with the fields that are used here. */
export interface Told {
  readonly Status: 'SUCCESS' | 'FAILED';
  readonly Reason?: string;
}

const REQUEST_ID = '8476a536-e9f4-11e8-9739-2dfe598c3fcd';
const LIFETIME_MILLISECONDS = 15 * 60 * 1000;

/** The Runtime API for a Lambda function, the response URL of CloudFormation, and the ECR API; for one event. */
export class RuntimeApi {
  /** @param properties the properties of the custom resource */
  public static async start(properties: Readonly<Record<string, unknown>>): Promise<RuntimeApi> {
    const api = new RuntimeApi(properties);
    await new Promise<void>(resolve => api.server.listen(0, '127.0.0.1', resolve));
    return api;
  }

  /** Fulfilled when the function has ended its invocation, with or without success. */
  public readonly ended: Promise<void>;
  public told?: Told;
  private given = false;
  private readonly server: Server;

  private constructor(private readonly properties: Readonly<Record<string, unknown>>) {
    this.server = createServer((request, response) => this.serve(request, response));
    this.ended = new Promise(resolve => this.server.once('invocation ended', resolve));
  }

  /** The program with the environment variables for this API. */
  public serving(program: Program): Program {
    const { port } = this.server.address() as AddressInfo;
    return { ...program, env: { ...program.env, AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${port}`, AWS_ENDPOINT_URL_ECR: `http://127.0.0.1:${port}` } };
  }

  public stop(): void {
    this.server.closeAllConnections();
    this.server.close();
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const { method, url = '', headers } = request;
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => { body += text; }).on('end', () => {
      if (method === 'GET' && url.endsWith('/runtime/invocation/next')) {
        this.give(request, response);
      } else if (method === 'PUT' && url.startsWith('/cloudformation')) {
        this.told = JSON.parse(body) as Told;
        response.end();
      } else if (method === 'POST' && headers['x-amz-target'] !== undefined) {
        // A login that any registry without passwords accepts.
        const authorizationToken = Buffer.from('AWS:bench').toString('base64');
        response.end(JSON.stringify({ authorizationData: [{ authorizationToken, expiresAt: Date.now() / 1000 + 43_200 }] }));
      } else if (method === 'POST' && /\/(response|error)$/.test(url)) {
        response.writeHead(202).end();
        this.server.emit('invocation ended');
      } else {
        response.writeHead(404).end();
      }
    });
  }

  /** The event for the first request; then nothing more happens, as in a frozen Lambda environment. */
  private give({ headers }: IncomingMessage, response: ServerResponse): void {
    if (this.given) return;
    this.given = true;
    response.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': REQUEST_ID,
      'lambda-runtime-deadline-ms': String(Date.now() + LIFETIME_MILLISECONDS),
      'lambda-runtime-invoked-function-arn': 'arn:aws:lambda:eu-west-1:111122223333:function:bench',
    });
    response.end(JSON.stringify({
      RequestType: 'Create',
      ServiceToken: 'arn:aws:lambda:eu-west-1:111122223333:function:bench',
      ResponseURL: `http://${headers.host}/cloudformation?signature=bench`,
      StackId: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/bench/00000000-0000-0000-0000-000000000000',
      RequestId: REQUEST_ID,
      ResourceType: 'Custom::Bench',
      LogicalResourceId: 'Image',
      ResourceProperties: this.properties,
    }));
  }
}
