import { CfnRegistryScanningConfiguration, CfnRegistryScanningConfigurationProps } from 'aws-cdk-lib/aws-ecr';
import { Construct, IConstruct } from 'constructs';
import { checkSetting, checkWildcards, filters } from './registry-rules';
import { checkObject } from '../private/check-types';
import { reject } from '../private/validation';

type ScanningRule = CfnRegistryScanningConfiguration.ScanningRuleProperty;

/** What basic scanning scans. */
export interface BasicScanningOptions {
  /**
   * Names of the repositories whose images are scanned when they are pushed, 0 to 100. All others are scanned on demand.
   *
   * @default - all repositories
   */
  readonly onPush?: string[];
}

/** What enhanced scanning scans. Repositories that match neither list are not scanned. */
export interface EnhancedScanningOptions {
  /**
   * Names of the repositories whose images are scanned when they are pushed, and again whenever a new vulnerability becomes known;
   * 0 to 100.
   *
   * @default - no repositories
   */
  readonly continuous?: string[];

  /**
   * Names of the repositories whose images are scanned when they are pushed, 0 to 100. What matches both lists is scanned continuously.
   *
   * @default - all repositories that are not scanned continuously
   */
  readonly onPush?: string[];
}

/**
 * Which repositories of the registry are scanned, how and when.
 *
 * In the name of a repository, `*` stands for anything. A name without `*` matches every repository that contains it.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html
 */
export class RegistryScanning {
  /**
   * Basic scanning: operating system packages, by default of every image that is pushed.
   *
   * Creating the settings throws when a name is malformed or twice there, and when a list is only known at deployment.
   *
   * @param options which repositories
   */
  public static basic(options: BasicScanningOptions = {}): RegistryScanning {
    return new RegistryScanning('BASIC', options);
  }

  /**
   * Enhanced scanning: Amazon Inspector, which costs by the image, by default of every image that is pushed.
   *
   * Creating the settings throws when a name is malformed or twice there, when a list is only known at deployment, and when both lists
   * are empty.
   *
   * @param options which repositories, and when
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced.html
   */
  public static enhanced(options: EnhancedScanningOptions = {}): RegistryScanning {
    return new RegistryScanning('ENHANCED', options);
  }

  private constructor(private readonly scanType: 'BASIC' | 'ENHANCED', private readonly options: EnhancedScanningOptions) {}

  /** @internal */
  public _scanning(scope: IConstruct): CfnRegistryScanningConfigurationProps {
    const { scanType, options } = this;
    checkObject(scope, 'scanning.options', options, 'Give { onPush: ["prod/*"] }, or leave it out.');
    const { continuous = [], onPush } = options;
    const always = rulesFor(scope, 'continuous', 'CONTINUOUS_SCAN', continuous);
    if (always.length > 0 && scanType === 'BASIC') {
      reject(scope, { property: 'scanning.continuous', must: 'be left out of basic scanning', got: continuous, fix: 'Use RegistryScanning.enhanced(…).' });
    }
    const rules = [...always, ...rulesFor(scope, 'onPush', 'SCAN_ON_PUSH', onPush === undefined ? allBeside(continuous) : onPush)];
    if (rules.length === 0 && scanType === 'ENHANCED') {
      reject(scope, {
        property: 'scanning.onPush', must: 'have at least one item where \'continuous\' has none', got: onPush, fix: 'Leave it out, or leave out scanning.',
      });
    }
    return { scanType, rules };
  }
}

function rulesFor(scope: IConstruct, name: keyof EnhancedScanningOptions, scanFrequency: string, repositories: string[]): ScanningRule[] {
  if (Array.isArray(repositories) && repositories.length === 0) return [];
  checkWildcards(scope, `scanning.${name}`, repositories);
  return [{ scanFrequency, repositoryFilters: filters(repositories, 'WILDCARD') }];
}

/** Of two rules for everything, one would never act. */
function allBeside(continuous: string[]): string[] {
  return continuous.includes('*') ? [] : ['*'];
}

/** The scanning configuration of a registry. */
export function createScanning(scope: Construct, scanning: RegistryScanning): void {
  checkSetting(scope, { property: 'scanning', value: scanning, be: 'a RegistryScanning', method: '_scanning', example: 'RegistryScanning.enhanced()' });
  new CfnRegistryScanningConfiguration(scope, 'Scanning', scanning._scanning(scope));
}
