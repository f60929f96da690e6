import * as fs from 'fs';
import * as path from 'path';
import * as ts from 'typescript';
import * as library from '../src';

const INDEX = path.join(__dirname, '..', 'src', 'index.ts');

/** Every name that `src/index.ts` exports, types included. */
function exportedNames(): string[] {
  const source = ts.createSourceFile(INDEX, fs.readFileSync(INDEX, 'utf8'), ts.ScriptTarget.Latest);
  return source.statements.flatMap(statement => {
    if (!ts.isExportDeclaration(statement) || !statement.exportClause || !ts.isNamedExports(statement.exportClause)) {
      throw new Error(`index.ts has only lists of names, not: ${statement.getText(source)}`);
    }
    return statement.exportClause.elements.map(element => element.name.text);
  });
}

test('the package exports these names and no others', () => {
  expect(exportedNames().sort()).toEqual([
    'AcceptedFinding',
    'AdministrationAccess',
    'AllowReplicationOptions',
    'ArchiveUnusedOptions',
    'AuthenticatedCacheOptions',
    'AzureCacheOptions',
    'AzureRegistryOptions',
    'BasicScanningOptions',
    'BlobMounting',
    'BuildAndPushImageOptions',
    'ContainerOptions',
    'ContainerPort',
    'ContainerService',
    'ContainerServiceProps',
    'Deployment',
    'DirectPushSynthesizer',
    'DirectorySourceOptions',
    'Ec2Service',
    'Ec2ServiceProps',
    'EcrCacheOptions',
    'EnhancedScanningOptions',
    'ExpireArchivedOptions',
    'ExpireUntaggedOptions',
    'Exposure',
    'ExposureBindOptions',
    'ExposureConfig',
    'ExternalRegistry',
    'FargateService',
    'FargateServiceProps',
    'FargateSize',
    'GoogleArtifactRegistryOptions',
    'HttpExposureOptions',
    'IImageRepository',
    'ImageAgeOptions',
    'ImageEncryption',
    'ImageRepository',
    'ImageRepositoryProps',
    'ImageRoute',
    'ImageSelection',
    'ImageSource',
    'ImageSourceBindOptions',
    'ImageSourceConfig',
    'ImageStorageClass',
    'ImageTagMutability',
    'KeepNewestOptions',
    'KubernetesCluster',
    'KubernetesExposure',
    'KubernetesExposureOptions',
    'KubernetesLoadBalancerOptions',
    'KubernetesService',
    'KubernetesServiceProps',
    'LambdaCodeOptions',
    'LifecycleAction',
    'LifecycleDecision',
    'LifecycleImage',
    'LifecycleRule',
    'LifecycleSimulator',
    'ManagedSigning',
    'OciRegistryOptions',
    'OnFindingOptions',
    'PublishOptions',
    'PublishToOptions',
    'PublishedImage',
    'PullAccess',
    'PullService',
    'PullThroughCache',
    'PullThroughCacheOptions',
    'PushAccess',
    'ReadinessProbe',
    'RegistryPolicy',
    'RegistryScanning',
    'RegistrySettings',
    'RegistrySettingsProps',
    'RegistrySourceOptions',
    'ReplicationRule',
    'ReplicationRuleOptions',
    'RepositoryCreation',
    'RepositoryCreationTemplate',
    'RepositoryCreationTemplateOptions',
    'Retention',
    'Scaling',
    'ScanGate',
    'ScanGateOptions',
    'Severity',
    'TrafficShift',
  ]);
});

test('every class that is exported can be imported by name', () => {
  expect(Object.keys(library).sort()).toEqual([
    'AcceptedFinding', 'BlobMounting', 'ContainerService', 'Deployment', 'DirectPushSynthesizer', 'Ec2Service', 'Exposure', 'ExternalRegistry',
    'FargateService', 'FargateSize', 'ImageEncryption', 'ImageRepository', 'ImageRoute', 'ImageSelection', 'ImageSource', 'ImageStorageClass',
    'ImageTagMutability', 'KubernetesCluster', 'KubernetesExposure', 'KubernetesService', 'LifecycleAction', 'LifecycleRule', 'LifecycleSimulator',
    'ManagedSigning', 'PublishedImage', 'PullService', 'PullThroughCache', 'ReadinessProbe', 'RegistryPolicy', 'RegistryScanning',
    'RegistrySettings', 'ReplicationRule', 'RepositoryCreation', 'RepositoryCreationTemplate', 'Retention', 'Scaling', 'ScanGate', 'Severity',
  ]);
});
