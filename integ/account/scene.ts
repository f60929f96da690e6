import * as path from 'node:path';
import { ExpectedResult, IApiCall, IntegTest, Match } from '@aws-cdk/integ-tests-alpha';
import { App, AppProps, CfnOutput, CfnResource, Duration, RemovalPolicy, Stack, Tags } from 'aws-cdk-lib';
import { SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, IBaseService, ICluster } from 'aws-cdk-lib/aws-ecs';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import { BuildAndPushImageOptions, FargateService, FargateServiceProps, ImageRepository, ImageRepositoryProps, ImageRoute, PublishedImage } from 'cdk-container-delivery';
import { PREFIX, REPOSITORY_PREFIX, TAG } from './names';

/** The folder with the Dockerfile of the suite. */
export const IMAGE = path.join(__dirname, 'image');

const WAIT = { totalTimeout: Duration.minutes(5), interval: Duration.seconds(10) };

/** The properties of the app, and the values of `--context`. */
export type SceneProps = Pick<AppProps, 'context' | 'outdir' | 'defaultStackSynthesizer'>;

/** Expect a text. `ExpectedResult.exact` never matches: the function of the assertions in integ-tests-alpha 2.245.0 does not support it. */
export function exactly(text: string): ExpectedResult {
  return ExpectedResult.stringLikeRegexp(`^${text}$`);
}

/** One app of the account suite: a stack, and a second stack with the assertions, which the same `cdk deploy` deploys after it. */
export class Scene {
  public readonly app: App;
  public readonly stack: Stack;
  private readonly test: IntegTest;
  private knownCluster?: ICluster;

  /**
   * @param name the name of the test, in PascalCase
   * @param props properties of the app
   */
  constructor(private readonly name: string, props: SceneProps) {
    this.app = new App(props);
    this.stack = this.createStack();
    this.test = new IntegTest(this.app, `${PREFIX}${name}`, { testCases: [this.stack] });
    Tags.of(this.app).add(TAG, name);
  }

  /** Another stack. The names of all stacks begin with the prefix of the suite. */
  public createStack(suffix = ''): Stack {
    // The construct ID of the test is the name of the first stack.
    return new Stack(this.app, `Stack${suffix}`, { stackName: `${PREFIX}${this.name}${suffix}` });
  }

  /** A value of `--context`. */
  public context(key: string, otherwise: string): string {
    return String(this.app.node.tryGetContext(key) ?? otherwise);
  }

  /** A cluster in a VPC with two public subnets, without a NAT gateway. */
  public get cluster(): ICluster {
    this.knownCluster ??= new Cluster(this.stack, 'Cluster', {
      vpc: new Vpc(this.stack, 'Vpc', { maxAzs: 2, natGateways: 0, subnetConfiguration: [{ name: 'Public', subnetType: SubnetType.PUBLIC }] }),
    });
    return this.knownCluster;
  }

  /** A repository that the stack deletes with its images, below the prefix of the suite. */
  public repository(id = 'Repository', props: ImageRepositoryProps = {}, stack = this.stack): ImageRepository {
    const repositoryName = `${REPOSITORY_PREFIX}${this.name.toLowerCase()}/${id.toLowerCase()}`;
    return new ImageRepository(stack, id, { repositoryName, removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true, ...props });
  }

  /** The image of the suite. Its page contains the version of the context, and the context can replace the start command. */
  public image(repository: ImageRepository, options: BuildAndPushImageOptions = {}): PublishedImage {
    const start = this.app.node.tryGetContext('start');
    const buildArgs = { VERSION: this.context('version', '1'), ...start === undefined ? {} : { START: String(start) } };
    return repository.buildAndPushImage(IMAGE, { buildArgs, ...options });
  }

  /** One task in a public subnet. */
  public service(props: Omit<FargateServiceProps, 'cluster'>): FargateService {
    return new FargateService(this.stack, 'Service', { cluster: this.cluster, vpcSubnets: { subnetType: SubnetType.PUBLIC }, desiredCount: 1, ...props });
  }

  /** Assert that a page answers with a text. The runner reads the output `Endpoint` to watch the page during later deployments. */
  public expectPage(endpoint: string, pattern: string): IApiCall {
    new CfnOutput(this.stack, 'Endpoint', { value: endpoint });
    // On the local cloud, no load balancer answers. The runner finds the port of the container.
    const call = this.test.assertions.httpApiCall(this.context('page', endpoint));
    call.expect(ExpectedResult.objectLike({ status: 200, body: Match.stringLikeRegexp(pattern) }));
    this.wait(call);
    return call;
  }

  /** Assert that the running task uses exactly the image in the repository. */
  public expectRunning(service: IBaseService, image: PublishedImage): void {
    const { clusterName } = service.cluster;
    const stored = this.storedDigest(image);
    const listed = this.call('ECS', 'listTasks', { cluster: clusterName, serviceName: service.serviceName, desiredStatus: 'RUNNING' });
    const tasks = this.call('ECS', 'describeTasks', { cluster: clusterName, tasks: [listed.getAttString('taskArns.0')] });
    tasks.assertAtPath('tasks.0.containers.0.imageDigest', exactly(stored));
  }

  /** The digest of the image in the repository. */
  public storedDigest(image: PublishedImage): string {
    const query = { repositoryName: image.repository.repositoryName, imageIds: [this.reference(image)] };
    return this.call('ECR', 'describeImages', query).getAttString('imageDetails.0.imageDigest');
  }

  /** Call AWS after the deployment. A call has one assertion: a second one would replace the first. */
  public call(service: string, api: string, parameters: object): IApiCall {
    return this.test.assertions.awsApiCall(service, api, parameters);
  }

  /** Repeat a call until its assertions hold. */
  public wait(call: IApiCall): void {
    call.waitForAssertions(WAIT);
  }

  /** Make the function of the assertions accept certificates that the runner signed itself. */
  public acceptSelfSigned(call: IApiCall): void {
    for (const each of Stack.of(call).node.findAll()) {
      if (each instanceof CfnResource && each.cfnResourceType === 'AWS::Lambda::Function') {
        each.addPropertyOverride('Environment.Variables.NODE_TLS_REJECT_UNAUTHORIZED', '0');
      }
    }
  }

  /**
   * A deployed value for the assertions. An export cannot change while the other stack imports it, so the value goes through a parameter, whose
   * name never changes.
   */
  public deployedValue(id: string, value: string): string {
    const parameter = new StringParameter(this.stack, id, { parameterName: `/${PREFIX}/${this.name}/${id}`, stringValue: value });
    return this.call('SSM', 'getParameter', { Name: parameter.parameterName }).getAttString('Parameter.Value');
  }

  private reference(image: PublishedImage): object {
    // The stack does not know the digest of an image that the CLI pushed.
    return image.route === ImageRoute.DIRECT
      ? { imageTag: this.deployedValue('Tag', image.imageTag) }
      : { imageDigest: this.deployedValue('Digest', image.imageDigest) };
  }
}
