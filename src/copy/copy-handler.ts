import { Duration, Lazy, Stack, Token } from 'aws-cdk-lib';
import { AuthorizationToken, IRepository } from 'aws-cdk-lib/aws-ecr';
import { IGrantable, IPrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct, IDependable } from 'constructs';
import { OnceRole } from './once-role';
import { formatLogin, formatLogins, LOGINS_VARIABLE, RegistryLogin } from './registry-logins';
import { addHandlerFunction, HandlerFunction, letContinue } from '../private/handler-function';
import { PUSH_ACTIONS } from '../private/permissions';
import { sentence } from '../private/validation';

// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
const MAX_ENVIRONMENT_BYTES = 4096;
// The shortest that a value can be which is only known at deployment.
const LEAST_ARN = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:x';
const LEAST_HOST = 'a.io';

/** A function that copies images. It may read and write what it has been granted, log in where it has been allowed to, and nothing else. */
export class CopyHandler extends Construct implements IGrantable {
  public readonly grantPrincipal: IPrincipal;
  /** Where CloudFormation sends its events. */
  public readonly serviceToken: string;
  /** How long CloudFormation waits for an answer: its longest, because a large image takes several invocations. */
  public readonly serviceTimeout = Duration.hours(1);
  /** How Lambda keeps and repeats events: the custom resource depends on it. */
  public readonly eventSettings: IDependable;

  private readonly handler: HandlerFunction;
  private readonly destinations = new Set<IRepository>();
  private readonly logins = new Map<string, RegistryLogin>();

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.handler = addHandlerFunction(this, {
      bundle: 'copy/image-copy.lambda', description: 'Copies container images during deployments', timeout: Duration.minutes(15), memorySize: 512,
      serviceTimeout: this.serviceTimeout,
    }, OnceRole);
    AuthorizationToken.grantRead(this.handler.role);
    letContinue(this, this.handler);
    this.grantPrincipal = this.handler.role;
    this.serviceToken = this.handler.functionArn;
    this.eventSettings = this.handler.eventSettings;
    this.node.addValidation({ validate: () => this.tooManyLogins() });
  }

  /** Lets it write into a repository. */
  public mayWrite(repository: IRepository): void {
    if (this.destinations.has(repository)) return;
    this.destinations.add(repository);
    // No list, describe or delete: what the handler cannot do, it cannot do by mistake.
    repository.grant(this, ...PUSH_ACTIONS);
  }

  /** Lets it send a secret to a host. It refuses every other pair, whoever invokes it. */
  public mayLogIn(login: RegistryLogin): void {
    if (this.logins.size === 0) {
      this.handler.addEnvironment(LOGINS_VARIABLE, Lazy.string({ produce: () => formatLogins(this.sortedLogins()) }));
    }
    this.logins.set(formatLogin(login), login);
  }

  /** Each log-in once, in an order that does not depend on that of the images. */
  private sortedLogins(): string[] {
    const stack = Stack.of(this);
    // The same ARN may be written with different tokens.
    const logins = new Map([...this.logins.keys()].map(login => [JSON.stringify(stack.resolve(login)), login]));
    return [...logins].sort(([one], [other]) => one < other ? -1 : 1).map(([, login]) => login);
  }

  /** Lambda would refuse the function during the deployment. */
  private tooManyLogins(): string[] {
    const logins = this.sortedLogins().flatMap(login => this.logins.get(login) ?? []);
    const bytes = LOGINS_VARIABLE.length + Buffer.byteLength(formatLogins(logins.map(least).map(formatLogin)));
    return bytes <= MAX_ENVIRONMENT_BYTES ? [] : [sentence({
      property: 'credentials',
      must: `fit into ${MAX_ENVIRONMENT_BYTES} bytes together with their hosts, which is what Lambda takes as environment of a function`,
      got: `${logins.length} pairs of secret and host with at least ${bytes} bytes`,
      fix: 'Use one secret for each registry, or publish some of the images into another repository, which has a copy function of its own.',
    })];
  }
}

/** The log-in with what is only known at deployment at its shortest. */
function least({ side, secretArn, host, tokenHost }: RegistryLogin): RegistryLogin {
  const known = (value: string, shortest: string) => Token.isUnresolved(value) ? shortest : value;
  return { side, secretArn: known(secretArn, LEAST_ARN), host: known(host, LEAST_HOST), tokenHost: tokenHost && known(tokenHost, LEAST_HOST) };
}
