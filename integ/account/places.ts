import { Aws, AwsError, Env, Refusal, signedIn } from './aws';
import { AssertionResult, Cdk, CdkResult } from './cdk-cli';
import { cleanUp } from './clean-up';
import { TAG } from './names';
import { PlannedTest } from './plan';
import { LocalDeployment } from '../../local/cdk';
import { LocalCloud } from '../../local/cloud';
import { HELLO } from '../../local/hello';
import { selfSigned } from '../../test/helpers/hostile-certificate';

/** The place where the suite runs: an account, or the local cloud. */
export interface Place {
  /** For the first line of the report, e.g. `account 111122223333 in us-east-1`. Throws a `Refusal` if the suite cannot run there. */
  begin(): Promise<string>;
  /** The reason why a test cannot run here. */
  obstacle(test: PlannedTest): string | undefined;
  /** Prepare a test. Returns the values of the placeholders in its contexts. */
  prepare(test: PlannedTest): Promise<Readonly<Record<string, string>>>;
  /** Deploy the app with its assertions. */
  deploy(test: PlannedTest, context: Readonly<Record<string, string>>): Promise<CdkResult>;
  destroy(test: PlannedTest): Promise<CdkResult>;
  /** The page to watch during a deployment. */
  page(): string | undefined;
  /** The results of the assertions of the newest deployment. */
  assertions(): AssertionResult[];
  /** Delete what the stacks left behind. Returns the remaining resources. */
  end(): Promise<string[]>;
}

/** The account of the current credentials. */
export class AccountPlace implements Place {
  private current: Env = {};

  /** @param pause in milliseconds, before a certificate is deleted again */
  constructor(private readonly cdk: Cdk, private readonly env: Env, private readonly pause = 20_000) {}

  public async begin(): Promise<string> {
    const aws = this.aws();
    const account = await aws.account().catch(error => {
      throw new Refusal(`AWS does not accept the credentials: ${error.message}. Nothing was created.`);
    });
    await aws.call('ssm', 'GetParameter', { Name: '/cdk-bootstrap/hnb659fds/version' }).catch(error => {
      if (!(error instanceof AwsError && error.type === 'ParameterNotFound')) throw error;
      throw new Refusal(`The account is not bootstrapped. Run: npx cdk bootstrap aws://${account}/${aws.region}. Nothing was created.`);
    });
    return `account ${account} in ${aws.region}`;
  }

  public obstacle(): undefined {
    return undefined;
  }

  public async prepare({ certificates }: PlannedTest): Promise<Record<string, string>> {
    // Role credentials can expire during the suite.
    const aws = this.aws();
    const values: Record<string, string> = {};
    for (const name of certificates ? ['a', 'b'] : []) {
      const { cert, key } = selfSigned(`${name}.example.com`);
      const { CertificateArn } = await aws.call<{ CertificateArn: string }>('acm', 'ImportCertificate', {
        Certificate: Buffer.from(cert).toString('base64'), PrivateKey: Buffer.from(key).toString('base64'), Tags: [{ Key: TAG, Value: name }],
      });
      values[`{certificate:${name}}`] = CertificateArn;
    }
    return values;
  }

  public deploy({ app }: PlannedTest, context: Readonly<Record<string, string>>): Promise<CdkResult> {
    return this.cdk.deploy(app, context, this.current);
  }

  public destroy({ app }: PlannedTest): Promise<CdkResult> {
    return this.cdk.destroy(app, this.aws().env);
  }

  public page(): string | undefined {
    return this.cdk.output('Endpoint');
  }

  public assertions(): AssertionResult[] {
    return this.cdk.assertions();
  }

  public async end(): Promise<string[]> {
    return cleanUp(this.aws(), this.pause);
  }

  private aws(): Aws {
    this.current = signedIn(this.env);
    return new Aws(this.current);
  }
}

/** The local cloud of the demo: containers, ECR, ECS and Lambda functions on this machine. */
export class LocalPlace implements Place {
  private readonly cloud = new LocalCloud('account', HELLO.baseImage);

  constructor(private readonly cdk: Cdk) {}

  public async begin(): Promise<string> {
    await this.cloud.start();
    await new LocalDeployment(this.cloud, 'integ/account/app.ts').bootstrap();
    return 'the local cloud';
  }

  public obstacle({ notLocal }: PlannedTest): string | undefined {
    return notLocal;
  }

  public async prepare(): Promise<Record<string, string>> {
    return {};
  }

  /** Each container has its own port, which the assertions can know only after the deployment. */
  public async deploy({ app }: PlannedTest, context: Readonly<Record<string, string>>): Promise<CdkResult> {
    const first = await this.cdk.deploy(app, context, this.cloud.env, 'Stack*');
    if (!first.ok) return first;
    const [page] = await this.listening();
    const second = await this.cdk.deploy(app, page === undefined ? context : { ...context, page }, this.cloud.env);
    return { ok: second.ok, output: `${first.output} ${second.output}` };
  }

  public destroy({ app }: PlannedTest): Promise<CdkResult> {
    return this.cdk.destroy(app, this.cloud.env);
  }

  /** A rolling deployment starts a container with another port, and no URL leads to both. */
  public page(): undefined {
    return undefined;
  }

  public assertions(): AssertionResult[] {
    return this.cdk.assertions();
  }

  public async end(): Promise<string[]> {
    await this.cloud.stop();
    return [];
  }

  private async listening(): Promise<string[]> {
    const deployment = new LocalDeployment(this.cloud, 'integ/account/app.ts');
    if (!deployment.runningContainers().some(({ listens }) => listens)) return [];
    return (await deployment.pages()).map(({ container }) => container.url);
  }
}
