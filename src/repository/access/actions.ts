/** What an action can do to a repository, the least first. */
export enum Power {
  /** Pull, list and describe: what everybody of an organization may be allowed. */
  PULL,
  /** Read policies and settings. */
  READ,
  /** Put images in, and have them scanned. */
  WRITE,
  /** Delete images, or change the repository and its rules. */
  ADMINISTER,
}

const BY_POWER: ReadonlyArray<[Power, readonly string[]]> = [
  [Power.PULL, [
    'BatchCheckLayerAvailability', 'BatchGetImage', 'GetDownloadUrlForLayer', 'DescribeImageReplicationStatus', 'DescribeImageScanFindings',
    'DescribeImageSigningStatus', 'DescribeImages', 'DescribeRepositories', 'ListImageReferrers', 'ListImages', 'ListTagsForResource',
  ]],
  [Power.READ, [
    'BatchGetRepositoryScanningConfiguration', 'GetImageCopyStatus', 'GetLifecyclePolicy', 'GetLifecyclePolicyPreview', 'GetRepositoryPolicy',
  ]],
  [Power.WRITE, [
    'BatchImportUpstreamImage', 'CompleteLayerUpload', 'InitiateLayerUpload', 'PutImage', 'ReplicateImage', 'StartImageScan', 'UploadLayerPart',
  ]],
  [Power.ADMINISTER, [
    'BatchDeleteImage', 'DeleteLifecyclePolicy', 'DeleteRepository', 'DeleteRepositoryPolicy', 'PutImageScanningConfiguration',
    'PutImageTagMutability', 'PutLifecyclePolicy', 'SetRepositoryPolicy', 'StartLifecyclePolicyPreview', 'TagResource', 'UntagResource',
    'UpdateImageStorageClass',
  ]],
];

const ACTIONS = BY_POWER.flatMap(([power, names]) => names.map(name => ({ action: `ecr:${name}`.toLowerCase(), power })));

// They are about the registry, so no repository can allow them.
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
const OF_REGISTRY = new RegExp('^ecr:(?:getauthorizationtoken|createrepository|describeregistry)$|pullthroughcacherule|repositorycreationtemplate'
  + '|registrypolicy|registryscanningconfiguration|accountsetting|signingconfiguration|pulltimeupdateexclusion|replicationconfiguration');

/** What an action of a policy can do, or nothing when it is none of a repository. AWS reads actions without regard to case. */
export function powerOf(action: string): Power | undefined {
  // One star says as much as many, and many would keep a regular expression busy for hours.
  const wanted = action.toLowerCase().replace(/\*+/g, '*');
  if (wanted === '*') return Power.ADMINISTER;
  if (!wanted.startsWith('ecr:')) return undefined;
  if (/[*?]/.test(wanted)) {
    const pattern = new RegExp(`^${wanted.replace(/[^a-z0-9:*?]/g, '\\$&').replace(/\*/g, '.*').replace(/\?/g, '.')}$`);
    const powers = ACTIONS.filter(each => pattern.test(each.action)).map(each => each.power);
    return powers.length > 0 ? Math.max(...powers) : undefined;
  }
  if (OF_REGISTRY.test(wanted)) return undefined;
  // What AWS adds one day may do anything.
  return ACTIONS.find(each => each.action === wanted)?.power ?? Power.ADMINISTER;
}
