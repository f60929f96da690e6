/** How the code handles each value of an AWS enum. A value that AWS adds fails the test until there is a decision. */
export type Ledger = Readonly<Record<string, string>>;

const of = (decision: string, ...values: string[]): Ledger => Object.fromEntries(values.map(value => [value, decision]));

/** Enums whose values the code reads or writes. Those in `PROBED` are compared with the behavior of the code. */
export const ENUMS: Readonly<Record<string, Ledger>> = {
  'ecs:TaskStopCode': {
    ...of('completed', 'EssentialContainerExited'),
    ...of('not started', 'TaskFailedToStart'),
    ...of('interrupted', 'UserInitiated', 'ServiceSchedulerInitiated', 'SpotInterruption', 'TerminationNotice', 'InfrastructureHealth'),
  },
  'ecr:ScanStatus': {
    ...of('SCANNED', 'COMPLETE', 'ACTIVE'),
    ...of('WAITING', 'IN_PROGRESS', 'PENDING'),
    ...of('NOT_SCANNABLE', 'FAILED', 'UNSUPPORTED_IMAGE', 'SCAN_ELIGIBILITY_EXPIRED', 'FINDINGS_UNAVAILABLE', 'LIMIT_EXCEEDED', 'IMAGE_ARCHIVED', 'IMAGE_SIZE_EXCEEDED'),
  },
  'ecr:ImageFailureCode': {
    ...of('missing', 'ImageNotFound'),
    ...of('failure', 'InvalidImageDigest', 'InvalidImageTag', 'ImageTagDoesNotMatchDigest', 'MissingDigestAndTag', 'ImageReferencedByManifestList'),
    ...of('failure with a fix', 'KmsError', 'UpstreamAccessDenied', 'UpstreamTooManyRequests', 'UpstreamUnavailable', 'ImageInaccessible'),
  },
  'ecr:FindingSeverity': { ...of('kept', 'CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'INFORMATIONAL'), ...of('INFORMATIONAL', 'UNDEFINED') },
  'inspector2:Severity': { ...of('kept', 'CRITICAL', 'HIGH', 'MEDIUM', 'LOW', 'INFORMATIONAL'), ...of('INFORMATIONAL', 'UNTRIAGED') },
  'inspector2:FindingStatus': { ...of('counts', 'ACTIVE'), ...of('does not count', 'SUPPRESSED', 'CLOSED') },
  'cloudformation:StackStatus': {
    ...of('rolls back', 'ROLLBACK_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS', 'IMPORT_ROLLBACK_IN_PROGRESS', 'UPDATE_ROLLBACK_COMPLETE_CLEANUP_IN_PROGRESS'),
    ...of(
      'does not', 'CREATE_IN_PROGRESS', 'CREATE_FAILED', 'CREATE_COMPLETE', 'ROLLBACK_FAILED', 'ROLLBACK_COMPLETE', 'DELETE_IN_PROGRESS', 'DELETE_FAILED', 'DELETE_COMPLETE',
      'UPDATE_IN_PROGRESS', 'UPDATE_COMPLETE_CLEANUP_IN_PROGRESS', 'UPDATE_COMPLETE', 'UPDATE_FAILED', 'UPDATE_ROLLBACK_FAILED',
      'UPDATE_ROLLBACK_COMPLETE', 'REVIEW_IN_PROGRESS', 'IMPORT_IN_PROGRESS', 'IMPORT_COMPLETE', 'IMPORT_ROLLBACK_FAILED',
      'IMPORT_ROLLBACK_COMPLETE',
    ),
  },
  'ecs:DeploymentLifecycleHookStage': of(
    'offered', 'RECONCILE_SERVICE', 'PRE_SCALE_UP', 'POST_SCALE_UP', 'TEST_TRAFFIC_SHIFT', 'POST_TEST_TRAFFIC_SHIFT', 'PRE_PRODUCTION_TRAFFIC_SHIFT',
    'PRODUCTION_TRAFFIC_SHIFT', 'POST_PRODUCTION_TRAFFIC_SHIFT',
  ),
  'ecs:DeploymentLifecycleHookAction': of('offered', 'CONTINUE', 'ROLLBACK'),
  'ecs:ApplicationProtocol': of('offered', 'http', 'http2', 'grpc'),
  'ecs:LaunchType': { ...of('offered for one-off tasks', 'FARGATE', 'EC2'), ...of('not offered', 'EXTERNAL', 'MANAGED_INSTANCES') },
  'ecr:RCTAppliedFor': of('offered', 'REPLICATION', 'PULL_THROUGH_CACHE', 'CREATE_ON_PUSH'),
  'elbv2:TargetHealthStateEnum': { ...of('stays', 'initial', 'healthy', 'unhealthy', 'unhealthy.draining', 'unused', 'unavailable'), ...of('leaves', 'draining') },
  'elbv2:ActionTypeEnum': {
    ...of('has weights', 'forward'), ...of('has none', 'authenticate-oidc', 'authenticate-cognito', 'redirect', 'fixed-response', 'jwt-validation'),
  },
  'codebuild:StatusType': { ...of('success', 'SUCCEEDED'), ...of('runs', 'IN_PROGRESS'), ...of('failure', 'FAILED', 'FAULT', 'TIMED_OUT', 'STOPPED') },
  'codebuild:BuildPhaseType': {
    ...of('started again if access was denied', 'SUBMITTED', 'QUEUED', 'PROVISIONING', 'DOWNLOAD_SOURCE'),
    ...of('reported', 'INSTALL', 'PRE_BUILD', 'BUILD', 'POST_BUILD', 'UPLOAD_ARTIFACTS', 'FINALIZING', 'COMPLETED'),
  },
  'ecr:UpstreamRegistry': {
    ...of('offered', 'ecr', 'ecr-public', 'quay', 'k8s', 'docker-hub', 'github-container-registry', 'azure-container-registry', 'gitlab-container-registry'),
    ...of('not offered', 'chainguard'),
  },
};

/** Enums in responses whose values no handler reads, with reasons. */
export const ENUMS_WITHOUT_MEANING: Readonly<Record<string, string>> = {
  'cloudformation:Capability': 'of the stack only its status and its parent are read',
  'cloudformation:DeletionMode': 'of the stack only its status and its parent are read',
  'cloudformation:DeploymentConfigMode': 'of the stack only its status and its parent are read',
  'cloudformation:DetailedStatus': 'of the stack only its status and its parent are read',
  'cloudformation:OperationType': 'of the stack only its status and its parent are read',
  'cloudformation:StackDriftStatus': 'of the stack only its status and its parent are read',
  'ecs:AttestationPolicyStatus': 'of a task its stop code, its reasons and the exit codes of its containers are read',
  'ecs:Connectivity': 'of a task its stop code, its reasons and the exit codes of its containers are read',
  'ecs:EnvironmentFileType': 'of a task its stop code, its reasons and the exit codes of its containers are read',
  'ecs:HealthStatus': 'of a task its stop code, its reasons and the exit codes of its containers are read',
  'ecs:IsolationMode': 'of a task its stop code, its reasons and the exit codes of its containers are read',
  'ecs:ManagedAgentName': 'of a task its stop code, its reasons and the exit codes of its containers are read',
  'ecs:ResourceType': 'of a task its stop code, its reasons and the exit codes of its containers are read',
  'ecs:TargetType': 'of a task its stop code, its reasons and the exit codes of its containers are read',
  'ecs:TransportProtocol': 'of a task its stop code, its reasons and the exit codes of its containers are read',
  ...of(
    'of a build its status, phases, variables and log are read', ...[
      'BucketOwnerAccess', 'CacheMode', 'CacheType', 'ComputeType', 'CredentialProviderType', 'EnvironmentType', 'EnvironmentVariableType', 'FileSystemType', 'HostKernel',
      'ImagePullCredentialsType', 'LogsConfigStatusType', 'MachineType', 'SourceAuthType', 'SourceType',
    ].map(name => `codebuild:${name}`),
  ),
  ...of(
    'of a target its state is read, of a rule or listener its ARN, its place and its weights', 'elbv2:AdvertiseTrustStoreCaNamesEnum', 'elbv2:AnomalyResultEnum',
    'elbv2:AuthenticateCognitoActionConditionalBehaviorEnum', 'elbv2:AuthenticateOidcActionConditionalBehaviorEnum', 'elbv2:ClientCertificateIdentityFilterAction',
    'elbv2:ClientCertificateIdentityFilterField', 'elbv2:ClientCertificateIdentityFilterMatchType', 'elbv2:JwtValidationActionAdditionalClaimFormatEnum',
    'elbv2:MitigationInEffectEnum', 'elbv2:ProtocolEnum', 'elbv2:RedirectActionStatusCodeEnum', 'elbv2:SourceIpAddressTypeEnum',
    'elbv2:TargetAdministrativeOverrideReasonEnum', 'elbv2:TargetAdministrativeOverrideStateEnum', 'elbv2:TargetHealthReasonEnum', 'elbv2:TransformTypeEnum',
    'elbv2:TrustStoreAssociationStatusEnum',
  ),
};

/** The enums of the public API: the AWS enum with the same values, or a reason why there is none. */
export const PUBLIC_ENUMS: Readonly<Record<string, { readonly of?: string; readonly also?: readonly string[]; readonly why?: string }>> = {
  Severity: { of: 'ecr:FindingSeverity' },
  RepositoryCreation: { of: 'ecr:RCTAppliedFor' },
  DeploymentStage: { of: 'ecs:DeploymentLifecycleHookStage' },
  HookTimeoutAction: { of: 'ecs:DeploymentLifecycleHookAction' },
  ServiceConnectProtocol: { of: 'ecs:ApplicationProtocol', also: ['tcp'] },
  LifecycleAction: { why: 'the words of the simulator' },
  ImageStorageClass: { why: 'the words of the lifecycle policy, which no model contains' },
  ImageRoute: { why: 'a choice of this library' },
  LayerCompression: { why: 'the words of BuildKit' },
  ProvenanceDetail: { why: 'the words of BuildKit' },
  AzureCloud: { why: 'a choice of this library' },
  AzureRegistrySku: { why: 'the words of Azure' },
  GoogleTagState: { why: 'the words of Google' },
  FailureCounting: { why: 'no model contains the values of the circuit breaker' },
  CrossZoneRouting: { why: 'a choice of this library' },
  ClientAddress: { why: 'a choice of this library' },
};
