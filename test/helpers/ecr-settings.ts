import { Server, createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

const TARGET = 'AmazonEC2ContainerRegistry_V20150921.';

/** One received request. */
export interface SettingCall {
  readonly operation: string;
  readonly body: { readonly name?: string; readonly value?: string };
  readonly authorization: string;
}

/** How a request is rejected. */
export interface SettingRefusal {
  readonly status: number;
  readonly type: string;
}

/** The account settings of the ECR API, over real HTTP. */
export class EcrSettings {
  public static async start(): Promise<EcrSettings> {
    const settings = new EcrSettings();
    await new Promise<void>(resolve => settings.server.listen(0, '127.0.0.1', resolve));
    return settings;
  }

  public readonly calls: SettingCall[] = [];
  /** The value of blob mounting; `undefined` if it was never set. */
  public value?: string;
  private readonly server: Server;
  private readonly refusals = new Map<string, (SettingRefusal | 'reset')[]>();

  private constructor() {
    this.server = createServer((request, response) => void (async () => {
      const operation = String(request.headers['x-amz-target']).replace(TARGET, '');
      const body = await json(request) as SettingCall['body'];
      this.calls.push({ operation, body, authorization: String(request.headers.authorization) });
      const refusal = this.refusals.get(operation)?.shift();
      if (refusal === 'reset') {
        request.socket.destroy();
        return;
      }
      const [status, answer] = refusal ? [refusal.status, { __type: refusal.type, message: 'not now' }] : this.answer(operation, body);
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(answer));
    })());
  }

  public get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Rejects the next requests of a kind. */
  public refuse(operation: string, ...refusals: (SettingRefusal | 'reset')[]): void {
    this.refusals.set(operation, refusals);
  }

  /** The number of requests to change the setting. */
  public get changes(): (string | undefined)[] {
    return this.calls.filter(({ operation }) => operation === 'PutAccountSetting').map(({ body }) => body.value);
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private answer(operation: string, { name, value }: SettingCall['body']): [number, object] {
    if (name !== 'BLOB_MOUNTING') return [400, { __type: 'ValidationException' }];
    if (operation === 'GetAccountSetting') return [200, { name, value: this.value }];
    if (operation !== 'PutAccountSetting') return [400, { __type: 'UnknownOperationException' }];
    if (value !== 'ENABLED' && value !== 'DISABLED') return [400, { __type: 'InvalidParameterException' }];
    this.value = value;
    return [200, { name, value }];
  }
}
