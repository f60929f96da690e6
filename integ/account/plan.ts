/** One deployment of a test. */
export interface Step {
  /** The guarantee that the step shows, for the report. */
  readonly title: string;
  /** Values of `--context`. `{certificate:a}` and `{certificate:b}` stand for certificates that the runner imports. */
  readonly context?: Readonly<Record<string, string>>;
  /** Text that the output of the CDK CLI must contain. Then the deployment must fail. White space is normalized. */
  readonly fails?: RegExp;
  /** Whether the stack must have nothing to deploy, e.g. after a rollback. Only the assertions run again. */
  readonly unchanged?: boolean;
  /** Whether the page must answer during the whole step. */
  readonly watch?: boolean;
}

/** The cost of a test: a name of `PRICES`, and the maximum number that exists at the same time. */
export type Costs = Readonly<Partial<Record<keyof typeof PRICES, number>>>;

/** One test of the account suite. */
export interface PlannedTest {
  readonly name: string;
  /** The guarantee that it shows. */
  readonly shows: string;
  /** A name of `APPS`. */
  readonly app: string;
  readonly creates: string;
  readonly costs: Costs;
  /** An estimate: it has not been measured on AWS yet. */
  readonly estimatedMinutes: number;
  /** An account setting that it changes. Such a test runs only if `--only` names it. */
  readonly replaces?: string;
  /** Whether it needs certificates, which the runner creates with openssl and imports into ACM. */
  readonly certificates?: boolean;
  /** The reason why the local cloud cannot run it. */
  readonly notLocal?: string;
  readonly steps: readonly Step[];
}

/** A price per hour, or the page that lists it. */
export interface Price {
  readonly label: string;
  readonly dollarsPerHour?: number;
  readonly page: string;
}

/** The date and source of the numbers below. */
export const PRICES_SOURCE = 'list prices of us-east-1 for Linux/x86, as vantage.sh/blog/fargate-pricing (Fargate) and nwobodo.me/notes/aws-extra-ipv4-cost-per-hour '
  + '(IPv4) quote them; looked up on 2026-11-30';

/** The prices of the resources of the tests. A number only if it was looked up. */
export const PRICES = {
  // 0.25 vCPU at $0.04048 and 0.5 GB at $0.004445.
  task: { label: 'Fargate task with 0.25 vCPU and 0.5 GB', dollarsPerHour: 0.25 * 0.04048 + 0.5 * 0.004445, page: 'https://aws.amazon.com/fargate/pricing/' },
  address: { label: 'public IPv4 address', dollarsPerHour: 0.005, page: 'https://aws.amazon.com/vpc/pricing/' },
  loadBalancer: { label: 'load balancer', page: 'https://aws.amazon.com/elasticloadbalancing/pricing/' },
  storage: { label: 'repository with a few images', page: 'https://aws.amazon.com/ecr/pricing/' },
  functions: { label: 'set of Lambda functions and a Step Functions state machine for the assertions', page: 'https://aws.amazon.com/lambda/pricing/' },
  signing: { label: 'signing profile', page: 'https://aws.amazon.com/signer/pricing/' },
} as const satisfies Record<string, Price>;

// Two addresses of a load balancer, and one of each task. An update runs the old and the new task.
const WEB: Costs = { task: 2, address: 4, loadBalancer: 1, storage: 1, functions: 1 };
const WEB_RESOURCES = 'VPC with two public subnets, load balancer, ECS service with one task, repository, copy function';
const NO_PREVIEW = 'MiniStack has no previews of lifecycle policies.';
const NO_WEIGHTS = 'No packet passes a load balancer of MiniStack, and its ECS shifts no weights.';

const BLUE_GREEN: readonly Step[] = [
  { title: 'deploy version 1', context: { certificate: '{certificate:a}' } },
  { title: 'shift to version 2', context: { version: '2', certificate: '{certificate:a}' }, watch: true },
  { title: 'change a tag after an odd number of shifts', context: { version: '2', certificate: '{certificate:a}', tag: 'one' }, watch: true },
  { title: 'change the certificate after an odd number of shifts', context: { version: '2', certificate: '{certificate:b}', tag: 'one' }, watch: true },
  { title: 'shift to version 3', context: { version: '3', certificate: '{certificate:b}', tag: 'one' }, watch: true },
  { title: 'change a tag after an even number of shifts', context: { version: '3', certificate: '{certificate:b}', tag: 'two' }, watch: true },
  { title: 'change the certificate after an even number of shifts', context: { version: '3', certificate: '{certificate:a}', tag: 'two' }, watch: true },
];

/** The tests, in their order. */
export const PLAN: readonly PlannedTest[] = [
  {
    name: 'hello', app: 'hello', creates: WEB_RESOURCES, costs: WEB, estimatedMinutes: 35,
    shows: 'A Dockerfile becomes a page, and the running digest is the deployed one. A second version rolls. A bad version is rolled back.',
    steps: [
      { title: 'deploy version 1' },
      { title: 'roll to version 2', context: { version: '2' }, watch: true },
      { title: 'deploy a version that ends at once', context: { version: '3', start: 'exit 3' }, fails: /circuit breaker/i, watch: true },
      { title: 'version 2 still runs', context: { version: '2' }, unchanged: true },
    ],
  },
  {
    name: 'blue-green', app: 'blue-green', creates: `${WEB_RESOURCES}, second target group, two imported certificates`, costs: WEB, estimatedMinutes: 60,
    certificates: true, notLocal: NO_WEIGHTS,
    shows: 'Two blue/green deployments, each followed by a change of a tag and of the certificate: the page answers all the time.', steps: BLUE_GREEN,
  },
  {
    name: 'blue-green-network', app: 'blue-green-network', creates: `${WEB_RESOURCES}, second target group, two imported certificates`, costs: WEB,
    estimatedMinutes: 60, certificates: true, notLocal: NO_WEIGHTS,
    shows: 'The same behind a network load balancer, whose listener has both the weights and the certificate.', steps: BLUE_GREEN,
  },
  {
    name: 'one-off-task', app: 'one-off-task', creates: 'VPC, ECS service with one task, a one-off task, repository, two functions',
    costs: { task: 3, address: 3, storage: 1, functions: 1 }, estimatedMinutes: 15,
    shows: 'A task with exit code 0 runs before the service. Another exit code fails the deployment, and the service stays.',
    steps: [
      { title: 'a task with exit code 0' },
      { title: 'a task with exit code 3', context: { version: '2', command: 'echo no such table; exit 3' }, fails: /ended with exit code 3\..*no such table/ },
      { title: 'version 1 still runs', unchanged: true },
    ],
  },
  {
    name: 'lifecycle', app: 'lifecycle', creates: 'repository with three versions of an image, copy function', costs: { storage: 1, functions: 1 },
    estimatedMinutes: 10, notLocal: NO_PREVIEW,
    shows: 'The preview of the lifecycle policy never contains the deployed image.',
    steps: [1, 2, 3].map(version => ({ title: `deploy version ${version}`, context: { version: String(version) } })),
  },
  {
    name: 'signatures', app: 'signatures', creates: 'two repositories, copy function, signing profile, signing settings of the registry',
    costs: { storage: 2, functions: 1, signing: 1 }, estimatedMinutes: 15, notLocal: `${NO_PREVIEW} It does not sign either.`,
    replaces: 'the signing settings of the registry of this account and region; the end of the test deletes them',
    shows: 'ECR signs the image. The lifecycle policy does not expire the signature, and a promotion copies it.',
    steps: [{ title: 'push a signed image' }, { title: 'promote it', context: { promote: 'yes' } }],
  },
  {
    name: 'scan-gate', app: 'scan-gate', creates: 'repository with an image of Debian 10, copy function, gate function', costs: { storage: 1, functions: 1 },
    estimatedMinutes: 20, notLocal: 'MiniStack finds nothing when it scans.',
    shows: 'Findings stop the deployment, and what used the image before stays as it was.',
    steps: [
      { title: 'deploy without a gate' },
      { title: 'deploy with a gate', context: { gate: 'yes' }, fails: /may not be used\. \d+ findings? of severity HIGH or worse/ },
      { title: 'the deployment before is unchanged', unchanged: true },
    ],
  },
  {
    name: 'direct-push', app: 'direct-push', creates: WEB_RESOURCES.replace(', copy function', ' in a second stack'), costs: WEB, estimatedMinutes: 20,
    shows: 'The CDK CLI pushes the image into the repository, and a second version rolls.',
    steps: [{ title: 'push version 1' }, { title: 'push version 2', context: { version: '2' }, watch: true }],
  },
  {
    name: 'mirror', app: 'mirror', creates: WEB_RESOURCES, costs: WEB, estimatedMinutes: 15,
    notLocal: 'The copy function would call a public registry.',
    shows: 'An image of public.ecr.aws runs from the repository of the stack.', steps: [{ title: 'mirror and run' }],
  },
];

/** The sum of the known hourly prices of one test, and the resources without a known price. */
export function costOf({ costs }: PlannedTest): { readonly dollarsPerHour: number; readonly plus: string[] } {
  const entries = Object.entries(costs).map(([name, count]) => ({ count, price: PRICES[name as keyof typeof PRICES] as Price }));
  return {
    dollarsPerHour: entries.reduce((sum, { count, price }) => sum + count * (price.dollarsPerHour ?? 0), 0),
    plus: entries.filter(({ price }) => price.dollarsPerHour === undefined).map(({ count, price }) => `${count} ${price.label}`),
  };
}
