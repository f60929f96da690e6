import { CfnRegistryScanningConfiguration } from 'aws-cdk-lib/aws-ecr';
import { Construct, IConstruct } from 'constructs';
import { checkSettings } from './check-settings';
import { checkWildcards, filters } from './repository-filters';
import { reject } from '../private/validation';

type ScanType = 'BASIC' | 'ENHANCED';
type ScanFrequency = 'SCAN_ON_PUSH' | 'CONTINUOUS_SCAN';

const ALL = ['*'];

/**
 * Which repositories of the registry are scanned, how and when. At most two can be combined: enhanced continuous scanning of
 * some repositories, and enhanced scanning on push of others. Where both match, ECR scans continuously.
 *
 * In the name of a repository, `*` stands for anything. A name without `*` matches every repository that contains it.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html
 */
export class RegistryScanning {
  /**
   * Basic scanning (operating system packages) when an image is pushed. Repositories that do not match are scanned on demand.
   *
   * @param repositories names of repositories, all by default; 1 to 100
   */
  public static basicOnPush(repositories?: string[]): RegistryScanning {
    return new RegistryScanning('BASIC', 'SCAN_ON_PUSH', repositories);
  }

  /** Basic scanning, and only when somebody asks for it. */
  public static basicOnDemand(): RegistryScanning {
    return new RegistryScanning('BASIC');
  }

  /**
   * Enhanced scanning (Amazon Inspector, which costs by the image) when an image is pushed. Repositories that match nothing
   * are not scanned.
   *
   * @param repositories names of repositories, all by default; 1 to 100
   */
  public static enhancedOnPush(repositories?: string[]): RegistryScanning {
    return new RegistryScanning('ENHANCED', 'SCAN_ON_PUSH', repositories);
  }

  /**
   * Enhanced scanning (Amazon Inspector, which costs by the image) when an image is pushed, and again whenever a new
   * vulnerability becomes known. Repositories that match nothing are not scanned.
   *
   * @param repositories names of repositories, all by default; 1 to 100
   */
  public static enhancedContinuous(repositories?: string[]): RegistryScanning {
    return new RegistryScanning('ENHANCED', 'CONTINUOUS_SCAN', repositories);
  }

  private constructor(
    /** @internal */ public readonly _type: ScanType,
    /** @internal */ public readonly _frequency?: ScanFrequency,
    private readonly repositories: string[] = ALL,
  ) {}

  /** @internal */
  public _scanningRules(scope: IConstruct): CfnRegistryScanningConfiguration.ScanningRuleProperty[] {
    checkWildcards(scope, 'scanning.repositories', this.repositories);
    return this._frequency === undefined ? [] : [{ scanFrequency: this._frequency, repositoryFilters: filters(this.repositories, 'WILDCARD') }];
  }
}

/** The scanning configuration of a registry. */
export function createScanning(scope: Construct, scanning: RegistryScanning[]): void {
  const property = 'scanning';
  const example = 'RegistryScanning.enhancedContinuous(["prod/*"]), RegistryScanning.enhancedOnPush()';
  checkSettings(scope, { property, value: scanning, be: 'RegistryScanning', method: '_scanningRules', max: 2, example });
  const [{ _type: scanType, _frequency }, second] = scanning;
  if (second !== undefined && (second._type !== scanType || second._frequency === _frequency || scanType === 'BASIC')) {
    reject(scope, {
      property,
      must: 'be one, or continuous and on-push scanning by the enhanced type',
      got: scanning.map(each => [each._type, each._frequency ?? 'MANUAL'].join(' ')),
      cure: `Give all repositories of one kind together, as in [${example}].`,
    });
  }
  new CfnRegistryScanningConfiguration(scope, 'Scanning', { scanType, rules: scanning.flatMap(each => each._scanningRules(scope)) });
}
