export { DirectPushSynthesizer, type DirectPushSynthesizerProps } from './direct/direct-push-synthesizer';
export { ExpressService, type ExpressServiceProps } from './express/express-service';
export {
  ExternalRegistry, type ExternalRegistryAzureOptions, type ExternalRegistryGoogleArtifactRegistryOptions, type ExternalRegistryOciOptions,
} from './image/external-registry';
export { AzureContainerRegistry, type AzureContainerRegistryProps, AzureRegistrySku } from './azure/azure-container-registry';
export { AzureCloud, AzureIdentity, type AzureIdentityFederatedOptions } from './azure/azure-identity';
export { BuildAttestation, ProvenanceDetail } from './build/build-attestation';
export { BuildCache } from './build/build-cache';
export { type CodeBuildOptions, ImageBuilder, LayerCompression } from './build/image-builder';
export { CloudIdentity } from './federation/cloud-identity';
export type { IExternalRegistry } from './federation/external-registry-contract';
export { OutboundIdentityFederation, type OutboundIdentityFederationProps } from './federation/outbound-identity-federation';
export { GoogleArtifactRepository, type GoogleArtifactRepositoryProps } from './google/google-artifact-repository';
export {
  GoogleCleanupPolicy, type GoogleCleanupPolicyConditions, type GoogleCleanupPolicyKeepMostRecentOptions, GoogleTagState,
} from './google/google-cleanup-policy';
export { GoogleIdentity, type GoogleIdentityAwsProviderOptions, type GoogleIdentityFederatedOptions } from './google/google-identity';
export { ImageRoute } from './image/choose-route';
export type { ImageSourceBindOptions, ImageSourceConfig } from './image/image-source-config';
export type { ImageSourceDirectoryOptions, ImageSourceRegistryOptions, ImageSourceTarballOptions } from './image/image-source-config';
export { ImageSource } from './image/image-source';
export type { ToLambdaCodeOptions } from './image/lambda-code';
export { PublishedImage } from './image/published-image';
export type { PublishToOptions } from './image/external-registry';
export { ImageCheck } from './image-check/image-check';
export { KubernetesCluster } from './kubernetes/kubernetes-cluster';
export {
  KubernetesExposure, type KubernetesExposureClusterIpOptions, type KubernetesExposureInternalLoadBalancerOptions,
  type KubernetesExposureOptions, type KubernetesExposurePublicLoadBalancerOptions, type KubernetesLoadBalancerOptions,
} from './kubernetes/kubernetes-exposure';
export { KubernetesService, type KubernetesServiceProps } from './kubernetes/kubernetes-service';
export type { ReadinessProbe } from './kubernetes/pod';
export { RepositoryMigration } from './migration/repository-migration';
export { ServiceMigration } from './migration/service-migration';
export type {
  ServiceMigrationFromApplicationLoadBalancedEc2ServiceOptions, ServiceMigrationFromApplicationLoadBalancedFargateServiceOptions,
  ServiceMigrationFromEc2ServiceOptions, ServiceMigrationFromFargateServiceOptions, ServiceMigrationFromNetworkLoadBalancedFargateServiceOptions,
  ServiceMigrationFromQueueProcessingFargateServiceOptions, ServiceMigrationOptions,
} from './migration/service-migration-options';
export { BlobMounting } from './registry/blob-mounting';
export { ManagedSigning } from './registry/managed-signing';
export type {
  AuthenticatedCacheOptions, PullThroughCacheAzureOptions, PullThroughCacheDockerHubOptions, PullThroughCacheEcrOptions,
  PullThroughCacheEcrPublicOptions, PullThroughCacheGitHubOptions, PullThroughCacheGitLabOptions, PullThroughCacheKubernetesOptions,
  PullThroughCacheOptions, PullThroughCacheQuayOptions,
} from './registry/pull-through-cache';
export { PullThroughCache } from './registry/pull-through-cache';
export { type AllowReplicationFromOptions, RegistryPolicy } from './registry/registry-policy';
export { RegistryScanning, type RegistryScanningBasicOptions, type RegistryScanningEnhancedOptions } from './registry/registry-scanning';
export type { RegistrySettingsProps } from './registry/registry-settings';
export { RegistrySettings } from './registry/registry-settings';
export {
  ReplicationRule, type ReplicationRuleOptions, type ReplicationRuleToAccountsOptions, type ReplicationRuleToRegionsOptions,
} from './registry/replication-rule';
export {
  RepositoryCreation, RepositoryCreationTemplate, type RepositoryCreationTemplateForAllOthersOptions,
  type RepositoryCreationTemplateForPrefixOptions, type RepositoryCreationTemplateOptions,
} from './registry/repository-creation-template';
export { ImageEncryption } from './repository/image-encryption';
export type { BuildAndPushImageOptions, IImageRepository, PublishOptions } from './repository/image-repository-contract';
export type { AdministrationAccess, PullAccess, PushAccess } from './repository/access/access';
export { PullService } from './repository/access/access';
export { ImageRepository } from './repository/image-repository';
export type { ImageRepositoryProps } from './repository/image-repository-props';
export { ImageTagMutability } from './repository/image-tag-mutability';
export { ImageSelection } from './repository/lifecycle/image-selection';
export {
  ImageStorageClass, LifecycleAction, type LifecycleDecision, type LifecycleImage, LifecycleSimulator,
} from './repository/lifecycle/lifecycle-simulator';
export { LifecycleRule } from './repository/lifecycle/lifecycle-rule';
export type {
  ArchiveAllButNewestOptions, ArchiveOptions, ArchiveUnusedOptions, ExpireArchivedOptions, ExpireOptions, ExpireUntaggedOptions,
  ImageAgeOptions, KeepNewestOptions,
} from './repository/lifecycle/lifecycle-rule';
export { Retention } from './repository/lifecycle/retention';
export { OneOffEc2Task } from './one-off-task/one-off-ec2-task';
export type { OneOffEc2TaskProps } from './one-off-task/one-off-ec2-task';
export { FailureLogs } from './one-off-task/failure-logs';
export { OneOffTask } from './one-off-task/one-off-task';
export type { OneOffTaskProps } from './one-off-task/one-off-task';
export { OneOffFargateTask } from './one-off-task/one-off-fargate-task';
export type { OneOffFargateTaskProps } from './one-off-task/one-off-fargate-task';
export { AcceptedFinding, ScanGate, type ScanGateFailOnOptions } from './scanning/scan-gate';
export { type OnFindingOptions } from './scanning/finding-rule';
export { Severity } from './scanning/severity';
export { ScheduledEc2Task } from './scheduled-task/scheduled-ec2-task';
export type { ScheduledEc2TaskProps } from './scheduled-task/scheduled-ec2-task';
export { ScheduledFargateTask } from './scheduled-task/scheduled-fargate-task';
export type { ScheduledFargateTaskProps } from './scheduled-task/scheduled-fargate-task';
export { ScheduledTask } from './scheduled-task/scheduled-task';
export type { ScheduledTaskProps } from './scheduled-task/scheduled-task';
export { type AsgProviderShare, Ec2Capacity } from './service/capacity/ec2-capacity';
export { FargateCapacity, type FargateCapacityMixedOptions } from './service/capacity/fargate-capacity';
export { ManagedInstancesCapacity, type ManagedInstancesProviderShare } from './service/capacity/managed-instances-capacity';
export { ContainerService } from './service/container-service';
export type { ContainerServiceProps } from './service/container-service';
export { ContainerDependency } from './service/containers/container-dependency';
export type { ContainerLifecycleOptions } from './service/containers/container-options';
export { ContainerLogging, type ContainerLoggingToCloudWatchOptions } from './service/containers/container-logging';
export type { ContainerOptions } from './service/containers/container-options';
export type { ContainerProcessOptions } from './service/containers/container-options';
export type { ContainerResourceOptions } from './service/containers/container-options';
export { ContainerRestartPolicy, type ContainerRestartPolicyOnExitOptions } from './service/containers/container-restart-policy';
export {
  ContainerSecurity, type ContainerSecurityHardenedOptions, type ContainerSecurityReadOnlyRootOptions,
} from './service/containers/container-security';
export {
  ListeningPort, type ListeningPortOptions, type ListeningPortTcpOptions, type ListeningPortUdpOptions,
} from './service/containers/listening-port';
export { LogDelivery, type LogDeliveryNonBlockingOptions } from './service/containers/container-logging';
export type { TaskVolumeEfsOptions } from './service/containers/volumes/efs-volume';
export type { TaskVolumeManagedEbsOptions } from './service/containers/volumes/managed-ebs-volume';
export { TaskVolume } from './service/containers/volumes/task-volume';
export {
  CircuitBreaker, type CircuitBreakerAfterFailuresOptions, type CircuitBreakerAfterPercentOptions,
  type CircuitBreakerAfterUnboundedPercentOptions, type CircuitBreakerOptions, FailureCounting,
} from './service/deployment/circuit-breaker';
export {
  DeploymentHook, type DeploymentHookLambdaOptions, type DeploymentHookOptions, type DeploymentHookPauseOptions, DeploymentStage,
  HookTimeoutAction,
} from './service/deployment/deployment-hook';
export type { BlueGreenOptions, CanaryOptions, DeploymentOptions, LinearOptions, RollingOptions } from './service/deployment/deployment-options';
export { Deployment } from './service/deployment/deployment';
export { Ec2Service } from './service/ec2-service';
export type { Ec2ServiceProps } from './service/ec2-service';
export type { CloudMapOptions } from './service/exposure/discovery/cloud-map';
export type { ContainerPort, ExposureBindOptions, ExposureConfig, TrafficShift } from './service/exposure/exposure-config';
export { Exposure } from './service/exposure/exposure';
export {
  type HttpExposureOptions, type HttpListenerOptions, HttpRedirect, type HttpsExposureOptions, type InternalHttpOptions,
  type InternalHttpsOptions, type PublicHttpOptions, type PublicHttpsOptions,
} from './service/exposure/http/http-exposure-options';
export { type HttpHealthCheck, type HttpTargetOptions, Stickiness } from './service/exposure/http/http-target-options';
export { ServerIdentity, type ServerIdentityCertificateOptions, type ServerIdentityDomainOptions } from './service/exposure/http/server-identity';
export type { OnListenerOptions } from './service/exposure/http/listener-exposure';
export { AccessLogs, type AccessLogsOwnBucketOptions, type AccessLogsToBucketOptions } from './service/exposure/load-balancer/access-logs';
export type { OnLoadBalancerOptions } from './service/exposure/http/load-balancer-exposure';
export {
  CrossZoneRouting, type InternalNetworkOptions, type NetworkExposureOptions, type OnNetworkLoadBalancerOptions, type PublicNetworkOptions,
} from './service/exposure/network/network-exposure-options';
export type { NetworkHealthCheck } from './service/exposure/network/network-health-check';
export {
  ClientAddress, NetworkPort, type NetworkPortOptions, type NetworkPortTcpOptions, type NetworkPortTcpUdpOptions,
  type NetworkPortTlsOptions, type NetworkPortUdpOptions,
} from './service/exposure/network/network-port';
export { HttpRoute } from './service/exposure/rules/http-route';
export {
  type ServiceConnectClientOptions, type ServiceConnectOptions, ServiceConnectProtocol, type ServiceConnectTestHeader,
  type ServiceConnectTls,
} from './service/exposure/discovery/service-connect-options';
export { FargateService } from './service/fargate-service';
export type { FargateServiceProps } from './service/fargate-service';
export { Ec2Placement, type Ec2PlacementDaemonOptions, type Ec2PlacementReplicasOptions } from './service/launch/ec2-placement';
export { FargateSize, TaskSize } from './service/launch/task-size';
export type { ManagedInstancesServiceProps } from './service/managed-instances-service';
export { ManagedInstancesService } from './service/managed-instances-service';
export type {
  OnCpuOptions, OnMemoryOptions, OnMetricOptions, OnMetricStepsOptions, OnQueueDepthOptions, OnRequestsPerTargetOptions, OnScheduleOptions,
  ScalingPolicyOptions,
} from './service/scaling/scaling-options';
export { AlarmThreshold, type AlarmThresholdAboveOptions } from './service/monitoring/alarm-threshold';
export type { AddAlarmsOptions, ServiceAlarms } from './service/monitoring/service-alarms-options';
export type { AddDashboardOptions } from './service/monitoring/dashboard';
export { Scaling } from './service/scaling/scaling';
export type { TaskProps } from './service/task-props';
