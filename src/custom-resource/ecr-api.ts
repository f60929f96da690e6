import { AwsSeams, callAws, errorType } from './aws-request';
import { EcrHost } from './ecr-host';
import { isRecord } from './json';
import { SmallResponse } from './small-request';

/** What of the ECR API is needed. */
export type EcrOperation = 'BatchGetImage' | 'DescribeImageScanFindings' | 'GetDownloadUrlForLayer' | 'PutImage' | 'StartImageScan';

/** ECR has said no. */
export class EcrRefusal extends Error {
  constructor(message: string, public readonly type?: string) {
    super(message);
  }
}

const TARGET = 'AmazonEC2ContainerRegistry_V20150921';
const BUSY = ['ThrottlingException', 'TooManyRequestsException', 'RequestLimitExceeded', 'ServerException'];
const TRIES = 7;
const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;
// A permission that this very deployment has added takes some seconds to spread.
const SPREAD_MILLISECONDS = 30_000;
const PAUSE_MILLISECONDS = 5_000;
// Manifests are up to 4 MiB long, as a text in JSON more; a page of findings is some hundred KiB.
const MAX_ANSWER_BYTES = 32 * 1024 * 1024;

/** The ECR API, for one repository. What may pass is tried again. */
export class EcrApi {
  constructor(
    private readonly registry: EcrHost,
    private readonly repositoryName: string,
    private readonly seams: AwsSeams,
    private readonly signal: AbortSignal,
  ) {}

  /** Asks for something; throws an `EcrRefusal` when there is no answer to be had. */
  public async ask(operation: EcrOperation, question: object): Promise<Readonly<Record<string, unknown>>> {
    const { clock } = this.seams;
    const patience = clock.now() + SPREAD_MILLISECONDS;
    for (let tries = 1; ; tries++) {
      const answer = await this.send(operation, question);
      if (answer?.status === 200) return parse(answer.body, operation);
      const type = answer && errorType(answer.body);
      const isDenied = type === 'AccessDeniedException';
      const isTransient = answer === undefined || answer.status >= 500 || answer.status === 429 || (type !== undefined && BUSY.includes(type));
      if (isDenied ? clock.now() >= patience : !isTransient || tries >= TRIES) throw this.refusal(operation, answer, type);
      const pause = isDenied ? PAUSE_MILLISECONDS : (0.5 + clock.random() / 2) * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** tries);
      await clock.sleep(pause, this.signal);
    }
  }

  private async send(operation: EcrOperation, question: object): Promise<SmallResponse | undefined> {
    const { account: registryId, region, apiHost: host } = this.registry;
    return callAws({
      service: 'ecr', region, host, headers: { 'X-Amz-Target': `${TARGET}.${operation}` },
      body: { registryId, repositoryName: this.repositoryName, ...question }, maxAnswerBytes: MAX_ANSWER_BYTES,
    }, this.seams).catch(() => undefined);
  }

  private refusal(operation: EcrOperation, answer?: SmallResponse, type?: string): EcrRefusal {
    if (answer === undefined) return new EcrRefusal(`the ECR API in ${this.registry.region} could not be reached`);
    // Of an enhanced scan the missing permission may be one of Inspector.
    const missing = /not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)/.exec(answer.body)?.[1] ?? `ecr:${operation}`;
    const cure = type === 'AccessDeniedException' ? `; allow ${missing} to the role of the function` : '';
    return new EcrRefusal(`ECR answered ${operation} on ${this.repositoryName} with ${[answer.status, type].filter(Boolean).join(' ')}${cure}`, type);
  }
}

function parse(body: string, operation: EcrOperation): Readonly<Record<string, unknown>> {
  try {
    const json: unknown = JSON.parse(body);
    if (isRecord(json)) return json;
  } catch {
    // The same sentence as for an answer of another kind.
  }
  throw new EcrRefusal(`ECR answered ${operation} with something that is no JSON object`);
}

/** A text, cut to a length for people; `undefined` for anything else. */
export function shortText(value: unknown, longest = 80): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  return value.length > longest ? `${value.slice(0, longest)}…` : value;
}
