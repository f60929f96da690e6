import { readFileSync } from 'node:fs';
import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { text } from 'node:stream/consumers';
import { readSignature, verifySignature } from './aws-signature';
import { TokenIssuer } from './json-web-tokens';

interface Shape {
  readonly type: string;
  readonly required?: readonly string[];
  readonly members?: Readonly<Record<string, { readonly shape: string }>>;
  readonly member?: { readonly shape: string };
  readonly min?: number;
  readonly max?: number;
}
interface Service {
  readonly version: string;
  readonly operations: Readonly<Record<string, { readonly input?: { readonly shape: string } }>>;
  readonly shapes: Readonly<Record<string, Shape>>;
}
// An extract of the botocore service models.
const MODELS: { readonly services: Readonly<Record<string, Service>> } = JSON.parse(
  readFileSync(path.join(__dirname, '..', 'fixtures', 'clouds', 'aws-federation.json'), 'utf8'),
);

export const SECRET_KEY = 'secret-canary';
export const ACCESS_KEY = 'AKID';
export const ISSUER = 'https://11112222-3333-4444-5555-666677778888.tokens.sts.global.api.aws';
/** The role of the functions in the tests. */
export const ROLE = 'arn:aws:iam::111122223333:role/copy-function';

/** One received request. */
export interface FederationCall {
  readonly service: string;
  readonly region: string;
  readonly operation: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** How a request is rejected. */
export interface FederationRefusal { readonly status: number; readonly type: string; readonly message?: string }

/** Outbound identity federation of an account: the operations of IAM and STS, with a real key. The service models check every request. */
export class AwsFederation {
  public static async start(port = 0): Promise<AwsFederation> {
    const federation = new AwsFederation();
    await new Promise<void>(resolve => federation.server.listen(port, '127.0.0.1', resolve));
    return federation;
  }

  public readonly calls: FederationCall[] = [];
  public readonly tokens: string[] = [];
  public readonly issuer = new TokenIssuer();
  public isEnabled = true;
  /** Whether requests must be signed with `SECRET_KEY`. */
  public verifiesSignatures = true;
  /** Checks the permission of the caller, like IAM. */
  public permission?: (request: { readonly audiences: readonly string[]; readonly seconds: number; readonly algorithm: string }) => boolean;
  /** The clock of the tokens. @default - the system clock */
  public clock?: { now(): number };
  private readonly server: Server;
  private readonly refusals = new Map<string, (FederationRefusal | 'reset')[]>();

  private constructor() {
    this.server = createServer((request, response) => void this.serve(request, response));
  }

  public get origin(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** The environment variables with which a function reaches it. */
  public get environment(): Readonly<Record<string, string>> {
    return {
      AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: ACCESS_KEY, AWS_SECRET_ACCESS_KEY: SECRET_KEY, AWS_SESSION_TOKEN: 'session-canary',
      AWS_ENDPOINT_URL_STS: this.origin, AWS_ENDPOINT_URL_IAM: this.origin,
    };
  }

  /** Rejects the next requests of a kind. */
  public refuse(operation: string, ...refusals: (FederationRefusal | 'reset')[]): void {
    this.refusals.set(operation, refusals);
  }

  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private async serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const { Action: operation = '', Version, ...parameters } = Object.fromEntries(new URLSearchParams(body));
    const refusal = this.refusals.get(operation)?.shift();
    if (refusal === 'reset') {
      request.socket.destroy();
      return;
    }
    const answer = (status: number, xml: string) => response.writeHead(status, { 'content-type': 'text/xml' }).end(xml);
    const refuse = ({ status, type, message = 'refused' }: FederationRefusal) => answer(
      status, `<ErrorResponse><Error><Type>Sender</Type><Code>${type}</Code><Message>${message}</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
    );
    try {
      const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
      const signed = { method: String(request.method), path: String(request.url), headers, body };
      const { service, region } = this.verifiesSignatures ? verifySignature(signed, SECRET_KEY) : readSignature(signed);
      checkParameters(service, operation, Version, parameters);
      this.calls.push({ service, region, operation, parameters });
      if (refusal !== undefined) refuse(refusal);
      else answer(200, this.result(operation, parameters));
    } catch (error) {
      if (error instanceof Refused) refuse(error.refusal);
      else refuse({ status: 400, type: 'ValidationError', message: String(error) });
    }
  }

  private result(operation: string, parameters: Readonly<Record<string, string>>): string {
    const xml = (result: Readonly<Record<string, unknown>>) => `<${operation}Response><${operation}Result>${
      Object.entries(result).map(([name, value]) => `<${name}>${value}</${name}>`).join('')
    }</${operation}Result><ResponseMetadata/></${operation}Response>`;
    switch (operation) {
      case 'EnableOutboundWebIdentityFederation':
        if (this.isEnabled) throw new Refused({ status: 409, type: 'FeatureEnabled' });
        this.isEnabled = true;
        return xml({ IssuerIdentifier: ISSUER });
      case 'DisableOutboundWebIdentityFederation':
        if (!this.isEnabled) throw new Refused({ status: 404, type: 'FeatureDisabled' });
        this.isEnabled = false;
        return xml({});
      case 'GetOutboundWebIdentityFederationInfo':
        if (!this.isEnabled) throw new Refused({ status: 404, type: 'FeatureDisabled' });
        return xml({ IssuerIdentifier: ISSUER, JwtVendingEnabled: true });
      default:
        return xml(this.token(parameters));
    }
  }

  private token(parameters: Readonly<Record<string, string>>): Readonly<Record<string, unknown>> {
    if (!this.isEnabled) throw new Refused({ status: 403, type: 'OutboundWebIdentityFederationDisabledException' });
    const audiences = Object.entries(parameters).filter(([name]) => name.startsWith('Audience.')).map(([, value]) => value);
    const seconds = Number(parameters.DurationSeconds ?? 300);
    if (this.permission?.({ audiences, seconds, algorithm: parameters.SigningAlgorithm }) === false) {
      throw new Refused({ status: 403, type: 'AccessDenied', message: `User: ${ROLE} is not authorized to perform: sts:GetWebIdentityToken` });
    }
    const iat = Math.floor((this.clock?.now() ?? Date.now()) / 1000);
    const [aud, ...others] = audiences;
    const token = this.issuer.sign({
      'iss': ISSUER, 'sub': ROLE, 'aud': others.length > 0 ? audiences : aud, iat, 'exp': iat + seconds, 'jti': String(this.tokens.length + 1),
      'https://sts.amazonaws.com/': { aws_account: '111122223333', source_region: 'eu-west-1', principal_id: ROLE },
    });
    this.tokens.push(token);
    return { WebIdentityToken: token, Expiration: new Date((iat + seconds) * 1000).toISOString() };
  }
}

class Refused extends Error {
  constructor(public readonly refusal: FederationRefusal) {
    super(refusal.type);
  }
}

/** Throws if the model does not have the operation, or if a parameter violates its shape. */
function checkParameters(service: string, operation: string, version: string, parameters: Readonly<Record<string, string>>): void {
  const model = MODELS.services[service];
  const found = model?.operations[operation];
  if (found === undefined || model.version !== version) throw new Error(`${service} ${version} has no operation ${operation}`);
  const left = new Set(Object.keys(parameters));
  const visit = (prefix: string, name: string) => {
    const shape = model.shapes[name];
    const take = (value: string, kind: Shape) => {
      left.delete(prefix);
      const size = kind.type === 'integer' ? Number(value) : value.length;
      if (Number.isNaN(size) || size < (kind.min ?? 0) || size > (kind.max ?? Infinity)) throw new Error(`${prefix} is not from ${kind.min} to ${kind.max}`);
    };
    if (shape.type === 'structure') {
      for (const each of shape.required ?? []) {
        if (![...left].some(key => key === each || key.startsWith(`${each}.`))) throw new Error(`${each} is missing`);
      }
      for (const [member, { shape: of }] of Object.entries(shape.members ?? {})) visit(prefix === '' ? member : `${prefix}.${member}`, of);
    } else if (shape.type === 'list') {
      let count = 0;
      while (`${prefix}.member.${count + 1}` in parameters) visit(`${prefix}.member.${++count}`, String(shape.member?.shape));
      if (count > (shape.max ?? Infinity)) throw new Error(`${prefix} has too many items`);
    } else if (prefix in parameters) {
      take(parameters[prefix], shape);
    }
  };
  if (found.input !== undefined) visit('', found.input.shape);
  if (left.size > 0) throw new Error(`${[...left].join(', ')} is no parameter of ${operation}`);
}
