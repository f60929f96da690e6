import { digestOf, IMAGE, MANIFEST, Replies, Reply, SECRET_KEY, SESSION_TOKEN } from './cloud';
import { ACCOUNT, REGION } from './deployed';

/** One invocation of a handler, and its expected result. */
export interface Scenario {
  readonly title: string;
  /** The custom resource of the app, by logical ID. */
  readonly resource: RegExp;
  readonly event?: Readonly<Record<string, unknown>>;
  /** Properties that differ from those in the template. */
  readonly properties?: Readonly<Record<string, unknown>>;
  readonly replies: Replies;
  /** The time of the invocation. */
  readonly milliseconds?: number;
  /** The speed of time. Slower for work that must end within a second before a deadline. @default 10 */
  readonly speed?: number;
  /** The response to CloudFormation. Undefined if the function invokes itself again. */
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
// The startedBy value that `TaskStarter` gives the tasks of the event of these scenarios.
const startedBy = `one-off-task-${digestOf(`arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Contracts/1|Resource|request|started`).slice(7, 47)}`;
const running: Replies = {
  ...forward,
  'ecs:ListTasks': [{ body: { taskArns: [] } }],
  'ecs:RunTask': [{ body: { tasks: [{ taskArn }], failures: [] } }],
  'ecs:StopTask': [{ body: { task: {} } }],
  'ecs:DescribeTasks': [{ body: { tasks: [task(startedBy, 'STOPPED', { stopCode: 'EssentialContainerExited' })] } }],
  'logs:GetLogEvents': [{ body: { events: [], nextBackwardToken: 'older' } }, { body: { events: [{ message: 'no such table' }], nextBackwardToken: 'older' } }],
};

const PROJECT = 'RepositoryBuildHandlerAmd644354C180';
// The tokens that `CodeBuild` gives the builds of the event of these scenarios.
const buildResource = digestOf(`arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/Contracts/1|Resource`).slice(7, 23);
const buildRequest = digestOf(`${buildResource}|request`).slice(7, 39);
const build = (buildStatus: string, request: string, more: object = {}): object => ({
  id: `${PROJECT}:1`, buildStatus, phases: [{ phaseType: 'BUILD', phaseStatus: buildStatus, contexts: [{ statusCode: 'COMMAND_EXECUTION_ERROR', message: 'exit status 1' }] }],
  environment: {
    type: 'LINUX_CONTAINER', image: 'image', computeType: 'BUILD_GENERAL1_MEDIUM',
    environmentVariables: Object.entries({ BUILD_RESOURCE: buildResource, BUILD_REQUEST: request, BUILD_PLATFORM: 'linux/amd64' }).map(([name, value]) => ({ name, value })),
  },
  exportedEnvironmentVariables: [{ name: 'DIGEST', value: digestOf(MANIFEST) }],
  logs: { groupName: 'RepositoryBuildHandlerAmd64LogsAF229A19', streamName: '1', deepLink: 'https://console.example/log' }, ...more,
});
const building: Replies = {
  ...copying,
  'registry:hasNoTags': [],
  'codebuild:ListBuildsForProject': [{ body: { ids: [] } }],
  'codebuild:StartBuild': [{ body: { build: build('IN_PROGRESS', buildRequest) } }],
  'codebuild:StopBuild': [{ body: { build: build('STOPPED', 'earlier') } }],
  'codebuild:BatchGetBuilds': [{ body: { builds: [build('IN_PROGRESS', buildRequest)] } }, { body: { builds: [build('SUCCEEDED', buildRequest)] } }],
  'logs:GetLogEvents': [{ body: { events: [{ message: ' > [2/2] RUN false:' }], nextBackwardToken: 'older' } }],
};

const found: Reply = { body: { images: [IMAGE], failures: [] } };
const missing: Reply = { body: { images: [], failures: [{ failureCode: 'ImageNotFound' }] } };
const checking: Replies = { ...forward, 'ecr:BatchGetImage': [found], 'ecr:GetDownloadUrlForLayer': [{ body: { downloadUrl: 'https://blobs.example/config?signature=1' } }] };
const findings: Reply = {
  body: {
    imageId: { imageDigest: digestOf(MANIFEST) }, imageScanStatus: { status: 'COMPLETE' },
    imageScanFindings: { findings: [], findingSeverityCounts: {}, imageScanCompletedAt: 1_900_000_000 },
  },
};
const scanning: Replies = { ...forward, 'ecr:PutImage': [{ body: { image: IMAGE } }] };

const googleRepository = { format: 'DOCKER', mode: 'STANDARD_REPOSITORY', labels: { 'cdk-container-delivery': buildResource } };
const azureRegistry = (adminUserEnabled: boolean) => ({
  id: '/subscriptions/1/registries/x', location: 'westeurope', sku: { name: 'Basic' }, tags: { 'cdk-container-delivery:created-by': buildResource },
  properties: { loginServer: 'teamimages.azurecr.io', provisioningState: 'Succeeded', adminUserEnabled, publicNetworkAccess: 'Enabled' },
});
const elb = (operation: string, result = ''): Reply =>
  ({ body: `<${operation}Response><${operation}Result>${result}</${operation}Result></${operation}Response>` });
// The credentials of the function, so that the signature of the next call can be checked.
const assumed = elb('AssumeRole', '<Credentials><AccessKeyId>AKIDCONTRACT</AccessKeyId>'
  + `<SecretAccessKey>${SECRET_KEY}</SecretAccessKey><SessionToken>${SESSION_TOKEN}</SessionToken></Credentials>`);
const elbArn = (kind: string) => `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}:${kind}`;
const googling: Replies = { ...forward, 'sts:GetWebIdentityToken': [elb('GetWebIdentityToken', '<WebIdentityToken>token</WebIdentityToken>')] };
const [listenerArn, ruleArn, netListenerArn] = [elbArn('listener/app/lb/1/2'), elbArn('listener-rule/app/lb/1/2/3'), elbArn('listener/app/lb/1/9')];
const targetGroups = [elbArn('targetgroup/main/1'), elbArn('targetgroup/alternate/2')];
const weighted = (list: string) => `<${list}><member><Type>forward</Type><ForwardConfig><TargetGroups>${
  targetGroups.map((arn, index) => `<member><TargetGroupArn>${arn}</TargetGroupArn><Weight>${index}</Weight></member>`).join('')
}</TargetGroups></ForwardConfig></member></${list}>`;
const liveRule = `<Rules><member><RuleArn>${ruleArn}</RuleArn><Priority>7</Priority>${weighted('Actions')}</member></Rules>`;
const liveListener = (loadBalancer: string) =>
  `<Listeners><member><ListenerArn>${netListenerArn}</ListenerArn><LoadBalancerArn>${loadBalancer}</LoadBalancerArn><Port>80</Port>${weighted('DefaultActions')}</member></Listeners>`;
const netArn = elbArn('loadbalancer/net/broker/1');
const oneGroup: Readonly<Record<string, unknown>> = { TargetGroups: targetGroups };
const shifting: Replies = {
  ...forward,
  'elasticloadbalancing:DescribeRules': [elb('DescribeRules')],
  'elasticloadbalancing:DescribeListeners': [elb('DescribeListeners')],
  'elasticloadbalancing:DescribeTargetHealth': [elb('DescribeTargetHealth')],
  'elasticloadbalancing:CreateRule': [elb('CreateRule', liveRule)],
  'elasticloadbalancing:CreateListener': [elb('CreateListener', liveListener(netArn))],
  ...Object.fromEntries(['ModifyRule', 'ModifyListener', 'ModifyListenerAttributes', 'SetRulePriorities', 'AddTags', 'RemoveTags', 'DeleteRule', 'DeleteListener']
    .map(operation => [`elasticloadbalancing:${operation}`, [elb(operation)]])),
};
const inUse: Replies = {
  ...shifting,
  'elasticloadbalancing:DescribeTargetHealth': [elb('DescribeTargetHealth', [
    '<TargetHealthDescriptions><member><TargetHealth><State>healthy</State></TargetHealth></member></TargetHealthDescriptions>',
  ].join(''))],
};
const otherGroups = { TargetGroups: [elbArn('targetgroup/new/3'), elbArn('targetgroup/new/4')] };
const tagged = { Tags: [{ Key: 'team', Value: 'shop' }] };

/** The scenarios of each handler of `HANDLERS`. Together they make every call that the handler can make. */
export const SCENARIOS: Readonly<Record<string, readonly Scenario[]>> = {
  'copy/image-copy.lambda': [
    { title: 'copies a public image', resource: /webCopy/, replies: { ...copying, 'registry:isNew': [] }, ends: 'SUCCESS' },
    { title: 'copies an image of another repository', resource: /apiCopy/, replies: { ...copying, 'registry:isNew': [] }, ends: 'SUCCESS' },
    { title: 'copies with a secret', resource: /privateCopy/, replies: { ...copying, 'registry:isNew': [] }, ends: 'SUCCESS' },
    { title: 'tags an image that is there', resource: /webCopy/, replies: copying, ends: 'SUCCESS' },
    { title: 'checks an image of the same stack', resource: /ServiceImageChecks/, replies: checking, ends: 'SUCCESS' },
    { title: 'does not find an image of the same stack', resource: /ServiceImageChecks/, replies: { ...forward, 'ecr:BatchGetImage': [missing] }, ends: 'FAILED' },
    {
      title: 'copies with an identity of Google', resource: /googleCopy/, ends: 'SUCCESS',
      replies: { ...copying, 'registry:isNew': [], 'sts:GetWebIdentityToken': [elb('GetWebIdentityToken', '<WebIdentityToken>token</WebIdentityToken>')] },
    },
  ],
  'build/image-build.lambda': [
    { title: 'builds an image', resource: /builtBuild/, replies: building, ends: 'SUCCESS' },
    { title: 'finds the image of an earlier build', resource: /builtBuild/, replies: copying, ends: 'SUCCESS' },
    {
      title: 'reports a build that failed', resource: /builtBuild/, ends: 'FAILED',
      replies: { ...building, 'codebuild:BatchGetBuilds': [{ body: { builds: [build('FAILED', buildRequest)] } }] },
    },
    {
      title: 'stops the build of an earlier request', resource: /builtBuild/, ends: 'SUCCESS',
      replies: {
        ...building, 'codebuild:ListBuildsForProject': [{ body: { ids: [`${PROJECT}:1`] } }],
        'codebuild:BatchGetBuilds': [{ body: { builds: [build('IN_PROGRESS', 'earlier')] } }, { body: { builds: [build('SUCCEEDED', buildRequest)] } }],
      },
    },
    {
      title: 'continues in another invocation', resource: /builtBuild/, milliseconds: 26_000, speed: 1, ends: 'CONTINUES',
      replies: { ...building, 'codebuild:BatchGetBuilds': [{ body: { builds: [build('IN_PROGRESS', buildRequest)] } }] },
    },
    { title: 'builds nothing in a rollback', resource: /builtBuild/, replies: { ...building, 'cloudformation:DescribeStacks': [stacks('UPDATE_ROLLBACK_IN_PROGRESS')] }, ends: 'FAILED' },
  ],
  'image-check/image-check.lambda': [
    { title: 'checks an image', resource: /OwnCheck/, replies: checking, ends: 'SUCCESS' },
    { title: 'does not find an image', resource: /OwnCheck/, ends: 'FAILED', replies: { ...forward, 'ecr:BatchGetImage': [missing] } },
    { title: 'checks an image by its tag', resource: /OwnCheck/, properties: { Version: 'live-web.1' }, ends: 'FAILED', replies: { ...forward, 'ecr:BatchGetImage': [missing] } },
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
  'federation/federation.lambda': [
    {
      title: 'enables outbound identity federation', resource: /Federation/, event: { RequestType: 'Create', PhysicalResourceId: undefined }, ends: 'SUCCESS',
      replies: {
        'iam:GetOutboundWebIdentityFederationInfo': [
          { status: 404, body: '<ErrorResponse><Error><Code>FeatureDisabled</Code></Error></ErrorResponse>' },
          elb('GetOutboundWebIdentityFederationInfo', '<IssuerIdentifier>https://1.tokens.sts.global.api.aws</IssuerIdentifier><JwtVendingEnabled>true</JwtVendingEnabled>'),
        ],
        'iam:EnableOutboundWebIdentityFederation': [elb('EnableOutboundWebIdentityFederation')],
      },
    },
    {
      title: 'disables it again', resource: /Federation/, event: { RequestType: 'Delete', PhysicalResourceId: 'outbound-identity-federation-enabled-here#1' }, ends: 'SUCCESS',
      replies: { 'iam:DisableOutboundWebIdentityFederation': [elb('DisableOutboundWebIdentityFederation')] },
    },
  ],
  'google/artifact-repository.lambda': [
    {
      title: 'creates a repository', resource: /Google/, event: { RequestType: 'Create', PhysicalResourceId: undefined }, ends: 'SUCCESS',
      replies: {
        ...googling, 'google:POST': [{ body: { name: 'projects/my-project/locations/europe-west1/operations/1', done: true } }],
        'google:GET': [{ status: 404, body: {} }, { body: googleRepository }],
      },
    },
    {
      title: 'deletes what a creation that is rolled back has created', resource: /Google/, event: { RequestType: 'Delete', PhysicalResourceId: 'repository#1' }, ends: 'SUCCESS',
      replies: { ...googling, 'cloudformation:DescribeStacks': [stacks('ROLLBACK_IN_PROGRESS')], 'google:GET': [{ body: googleRepository }], 'google:DELETE': [{ body: { done: true } }] },
    },
    {
      title: 'continues in another invocation', resource: /Google/, event: { RequestType: 'Create', PhysicalResourceId: undefined }, milliseconds: 26_000, speed: 1, ends: 'CONTINUES',
      replies: { ...googling, 'google:POST': [{ body: { name: 'projects/my-project/locations/europe-west1/operations/1' } }], 'google:GET': [{ status: 404, body: {} }, { body: {} }] },
    },
  ],
  'azure/azure-registry.lambda': [
    {
      title: 'creates a registry with an admin user', resource: /^Azure/, event: { RequestType: 'Create', PhysicalResourceId: undefined }, ends: 'SUCCESS',
      replies: {
        ...googling, 'azure:GET': [{ status: 404, body: {} }, { body: azureRegistry(true) }], 'azure:PUT': [{ body: azureRegistry(true) }],
        'azure:POST': [{ body: { nameAvailable: true } }, { body: { username: 'teamimages', passwords: [{ name: 'password', value: 'secret' }] } }],
        'secretsmanager:PutSecretValue': [{ body: {} }],
      },
    },
    {
      title: 'creates a registry with the role of the identity', resource: /^ByRole/, event: { RequestType: 'Create', PhysicalResourceId: undefined }, ends: 'SUCCESS',
      replies: {
        ...googling, 'azure:GET': [{ status: 404, body: {} }, { body: azureRegistry(false) }], 'azure:PUT': [{ body: azureRegistry(false) }],
        'azure:POST': [{ body: { nameAvailable: true } }],
        'sts:AssumeRole': [assumed],
      },
    },
    {
      title: 'deletes what a creation that is rolled back has created', resource: /^ByRole/, event: { RequestType: 'Delete', PhysicalResourceId: 'registry#1' }, ends: 'SUCCESS',
      replies: {
        ...googling, 'cloudformation:DescribeStacks': [stacks('ROLLBACK_IN_PROGRESS')], 'azure:GET': [{ status: 404, body: {} }],
        'sts:AssumeRole': [assumed],
      },
    },
    {
      title: 'continues in another invocation', resource: /^Azure/, event: { RequestType: 'Create', PhysicalResourceId: undefined }, milliseconds: 26_000, speed: 1, ends: 'CONTINUES',
      replies: {
        ...googling, 'azure:GET': [{ status: 404, body: {} }, { body: { status: 'InProgress' } }], 'azure:POST': [{ body: { nameAvailable: true } }],
        'azure:PUT': [{ status: 201, headers: { 'azure-asyncoperation': 'https://management.azure.com/subscriptions/1/operations/1' }, body: {} }],
      },
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
  'traffic-shift/traffic-shift.lambda': [
    {
      title: 'creates a rule, next to one of somebody else', resource: /Shop.*Rule/, event: { RequestType: 'Create', PhysicalResourceId: undefined },
      properties: { ...oneGroup, Priority: '7' }, ends: 'SUCCESS',
      replies: { ...shifting, 'elasticloadbalancing:DescribeRules': [elb('DescribeRules', liveRule)], 'elasticloadbalancing:DescribeTags': [elb('DescribeTags')] },
    },
    {
      title: 'updates a rule and keeps its weights', resource: /Shop.*Rule/, ends: 'SUCCESS',
      event: { PhysicalResourceId: ruleArn, OldResourceProperties: { Tags: [{ Key: 'old', Value: '1' }] } },
      properties: { ...oneGroup, ...tagged, ListenerArn: listenerArn },
      replies: { ...shifting, 'elasticloadbalancing:DescribeRules': [elb('DescribeRules', liveRule)] },
    },
    {
      title: 'does not take away the target group that clients use', resource: /Shop.*Rule/, ends: 'FAILED', event: { PhysicalResourceId: ruleArn },
      properties: { ...otherGroups, ListenerArn: listenerArn },
      replies: { ...inUse, 'elasticloadbalancing:DescribeRules': [elb('DescribeRules', liveRule)] },
    },
    {
      title: 'removes a rule', resource: /Shop.*Rule/, event: { RequestType: 'Delete', PhysicalResourceId: ruleArn }, replies: shifting, ends: 'SUCCESS',
    },
    {
      title: 'creates a listener, next to one of somebody else', resource: /Broker.*Listener/, event: { RequestType: 'Create', PhysicalResourceId: undefined },
      properties: oneGroup, ends: 'SUCCESS',
      replies: {
        ...shifting, 'elasticloadbalancing:DescribeListeners': [elb('DescribeListeners', liveListener(netArn))],
        'elasticloadbalancing:DescribeTags': [elb('DescribeTags')],
      },
    },
    {
      title: 'updates a listener and keeps its weights', resource: /Broker.*Listener/, ends: 'SUCCESS',
      event: { PhysicalResourceId: netListenerArn, OldResourceProperties: { Tags: [{ Key: 'old', Value: '1' }] } },
      properties: { ...oneGroup, ...tagged, LoadBalancerArn: netArn },
      replies: { ...shifting, 'elasticloadbalancing:DescribeListeners': [elb('DescribeListeners', liveListener(netArn))] },
    },
    {
      title: 'does not take away the target group that clients of a listener use', resource: /Broker.*Listener/, ends: 'FAILED',
      event: { PhysicalResourceId: netListenerArn }, properties: { ...otherGroups, LoadBalancerArn: netArn },
      replies: { ...inUse, 'elasticloadbalancing:DescribeListeners': [elb('DescribeListeners', liveListener(netArn))] },
    },
    {
      title: 'removes a listener', resource: /Broker.*Listener/, event: { RequestType: 'Delete', PhysicalResourceId: netListenerArn }, replies: shifting,
      ends: 'SUCCESS',
    },
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
