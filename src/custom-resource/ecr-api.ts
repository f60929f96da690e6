import { Answer, AwsApi, Patience } from './aws-api';
import { AwsSeams } from './aws-request';
import { EcrHost } from './ecr-host';

/** What of the ECR API is needed. */
export type EcrOperation = 'BatchGetImage' | 'DescribeImageScanFindings' | 'GetDownloadUrlForLayer' | 'PutImage' | 'StartImageScan';

/** What the ECR API is called on the wire. */
export const ECR = { service: 'ecr', title: 'ECR', target: 'AmazonEC2ContainerRegistry_V20150921' };
// A manifest has up to 4 MiB, and up to three times that as a text in JSON. A page of findings has some hundred KiB.
const MAX_ANSWER_BYTES = 16 * 1024 * 1024;

/** The ECR API, for one repository. */
export class EcrApi {
  private readonly api: AwsApi<EcrOperation>;

  constructor(private readonly registry: EcrHost, private readonly repositoryName: string, seams: AwsSeams, patience: Patience) {
    const { region, apiHost: host } = registry;
    this.api = new AwsApi({ ...ECR, region, host, about: repositoryName, maxAnswerBytes: MAX_ANSWER_BYTES }, seams, patience);
  }

  /** Asks for something; throws an `AwsRefusal` when there is no answer to be had. */
  public async ask(operation: EcrOperation, question: object): Promise<Answer> {
    const { registry: { account: registryId }, repositoryName } = this;
    return this.api.ask(operation, { registryId, repositoryName, ...question });
  }
}
