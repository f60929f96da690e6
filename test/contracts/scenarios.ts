import { digestOf, IMAGE, MANIFEST, Replies, Reply } from './cloud';
import { ACCOUNT, REGION } from './deployed';

/** One invocation of a handler, and how it ends. */
export interface Scenario {
  readonly title: string;
  /** Which of the custom resources of the app it is about, by logical ID. */
  readonly resource: RegExp;
  readonly event?: Readonly<Record<string, unknown>>;
  /** Properties that differ from those in the template. */
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly replies: Replies;
  /** The time that the invocation has. */
  readonly milliseconds?: number;
  /** How fast time passes. Slower for what must end within a second before a deadline. @default 10 */
  readonly speed?: number;
  /** What CloudFormation is told. Nothing if the function invokes itself again. */
  readonly ends: 'SUCCESS' | 'FAILED' | 'CONTINUES';
}

const stacks = (status: string): Reply => ({ body: `<DescribeStacksResponse><Stacks><member><StackStatus>${status}</StackStatus></member></Stacks></DescribeStacksResponse>` });
const refused = (type: string): Reply => ({ status: 400, body: { __type: type, message: type } });

const forward: Replies = { 'cloudformation:DescribeStacks': [stacks('UPDATE_IN_PROGRESS')], 'lambda:invocations': [{ status: 202 }] };
const token: Reply = { body: { authorizationData: [{ authorizationToken: Buffer.from('AWS:password').toString('base64'), expiresAt: 4_000_000_000 }] } };
const copying: Replies = {
  ...forward, 'ecr:GetAuthorizationToken': [token],
  'secretsmanager:GetSecretValue': [{ body: { SecretString: '{"username":"robot","password":"contract"}' } }],
};

const taskArn = `arn:aws:ecs:${REGION}:${ACCOUNT}:task/ClusterEB0386A7/0001`;
const task = (startedBy: string, lastStatus: string, more: object = {}) => ({ taskArn, lastStatus, startedBy, containers: [{ name: 'migrate', exitCode: 1 }], ...more });
// The mark that `TaskStarter` gives the tasks of the event of these scenarios.
const startedBy = `one-off-task-${digestOf(`arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Contracts/1|Resource|request|started`).slice(7, 47)}`;
const running: Replies = {
  ...forward,
  'ecs:ListTasks': [{ body: { taskArns: [] } }],
  'ecs:RunTask': [{ body: { tasks: [{ taskArn }], failures: [] } }],
  'ecs:StopTask': [{ body: { task: {} } }],
  'ecs:DescribeTasks': [{ body: { tasks: [task(startedBy, 'STOPPED', { stopCode: 'EssentialContainerExited' })] } }],
  'logs:GetLogEvents': [{ body: { events: [], nextBackwardToken: 'older' } }, { body: { events: [{ message: 'no such table' }], nextBackwardToken: 'older' } }],
};

const found: Reply = { body: { images: [IMAGE], failures: [] } };
const missing: Reply = { body: { images: [], failures: [{ failureCode: 'ImageNotFound' }] } };
const findings: Reply = {
  body: {
    imageId: { imageDigest: digestOf(MANIFEST) }, imageScanStatus: { status: 'COMPLETE' },
    imageScanFindings: { findings: [], findingSeverityCounts: {}, imageScanCompletedAt: 1_900_000_000 },
  },
};
const scanning: Replies = { ...forward, 'ecr:PutImage': [{ body: { image: IMAGE } }] };

/** The scenarios of each handler of `HANDLERS`. Together they make every call that the handler can make. */
export const SCENARIOS: Readonly<Record<string, readonly Scenario[]>> = {
  'copy/image-copy.lambda': [
    { title: 'copies a public image', resource: /webCopy/, replies: { ...copying, 'registry:isNew': [] }, ends: 'SUCCESS' },
    { title: 'copies an image of another repository', resource: /apiCopy/, replies: { ...copying, 'registry:isNew': [] }, ends: 'SUCCESS' },
    { title: 'copies with a secret', resource: /privateCopy/, replies: { ...copying, 'registry:isNew': [] }, ends: 'SUCCESS' },
    { title: 'tags an image that is there', resource: /webCopy/, replies: copying, ends: 'SUCCESS' },
  ],
  'image-check/image-check.lambda': [
    {
      title: 'checks an image', resource: /ServiceImageChecks/, ends: 'SUCCESS',
      replies: { ...forward, 'ecr:BatchGetImage': [found], 'ecr:GetDownloadUrlForLayer': [{ body: { downloadUrl: 'https://blobs.example/config?signature=1' } }] },
    },
    { title: 'does not find an image', resource: /ServiceImageChecks/, ends: 'FAILED', replies: { ...forward, 'ecr:BatchGetImage': [missing] } },
    { title: 'checks an image by its tag', resource: /MigrateImageChecks/, properties: { Version: 'live-web.1' }, ends: 'FAILED', replies: { ...forward, 'ecr:BatchGetImage': [missing] } },
  ],
  'registry/blob-mounting.lambda': [
    { title: 'reads the setting', resource: /Before/, ends: 'SUCCESS', replies: { 'ecr:GetAccountSetting': [{ body: { value: 'DISABLED' } }] } },
    {
      title: 'enables it', resource: /Mounting[0-9A-F]{8}$/, ends: 'SUCCESS',
      replies: { 'ecr:GetAccountSetting': [{ body: { value: 'DISABLED' } }], 'ecr:PutAccountSetting': [{ body: { value: 'ENABLED' } }] },
    },
    {
      title: 'disables it again', resource: /Mounting[0-9A-F]{8}$/, event: { RequestType: 'Delete', PhysicalResourceId: 'blob-mounting#1' }, ends: 'SUCCESS',
      replies: { 'ecr:GetAccountSetting': [{ body: { value: 'ENABLED' } }], 'ecr:PutAccountSetting': [{ body: { value: 'DISABLED' } }] },
    },
  ],
  'one-off-task/one-off-task.lambda': [
    { title: 'runs a task that fails', resource: /Migrate/, replies: running, ends: 'FAILED' },
    {
      title: 'finds a task of an earlier delivery among others', resource: /Migrate/, ends: 'FAILED',
      replies: { ...running, 'ecs:ListTasks': [{ body: { taskArns: [] } }, { body: { taskArns: [taskArn], nextToken: 'more' } }, { body: { taskArns: [] } }] },
    },
    {
      title: 'stops a task that takes too long', resource: /Migrate/, event: { Continuation: { Hop: 1, Since: Date.now() - 301_000, Memo: taskArn } }, ends: 'FAILED',
      replies: { ...running, 'ecs:DescribeTasks': [{ body: { tasks: [task(startedBy, 'RUNNING')] } }, ...running['ecs:DescribeTasks']] },
    },
    {
      title: 'continues in another invocation', resource: /Migrate/, milliseconds: 26_000, speed: 1, ends: 'CONTINUES',
      replies: { ...running, 'ecs:DescribeTasks': [{ body: { tasks: [task(startedBy, 'RUNNING')] } }] },
    },
    { title: 'runs nothing in a rollback', resource: /Migrate/, replies: { ...running, 'cloudformation:DescribeStacks': [stacks('UPDATE_ROLLBACK_IN_PROGRESS')] }, ends: 'SUCCESS' },
  ],
  'scanning/scan-gate.lambda': [
    { title: 'passes a clean image', resource: /ScanGate/, replies: { ...scanning, 'ecr:BatchGetImage': [found, missing], 'ecr:DescribeImageScanFindings': [findings] }, ends: 'SUCCESS' },
    {
      title: 'starts a scan', resource: /ScanGate/, ends: 'SUCCESS',
      replies: {
        ...scanning, 'ecr:BatchGetImage': [found, missing], 'ecr:StartImageScan': [{ body: {} }],
        'ecr:DescribeImageScanFindings': [refused('ScanNotFoundException'), refused('ScanNotFoundException'), findings],
      },
    },
    {
      title: 'continues in another invocation', resource: /ScanGate/, milliseconds: 26_000, speed: 1, ends: 'CONTINUES',
      replies: { ...scanning, 'ecr:BatchGetImage': [found, missing], 'ecr:DescribeImageScanFindings': [{ body: { imageScanStatus: { status: 'IN_PROGRESS' } } }] },
    },
  ],
};
