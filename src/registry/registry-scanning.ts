import { CfnRegistryScanningConfiguration, CfnRegistryScanningConfigurationProps } from 'aws-cdk-lib/aws-ecr';
import { Construct, IConstruct } from 'constructs';
import { checkUnique, filters, SCANNING_FILTERS } from './registry-rules';
import { InstanceRule, Shape } from '../private/shape';
import { reject } from '../private/validation';

type ScanningRule = CfnRegistryScanningConfiguration.ScanningRuleProperty;

/** Options of `RegistryScanning.basic`. */
export interface RegistryScanningBasicOptions {
  /**
   * Names of the repositories whose images are scanned when they are pushed, 0 to 100. Others are scanned on demand.
   *
   * @default - all repositories
   */
  readonly onPush?: string[];
}

/** Options of `RegistryScanning.enhanced`. Repositories that match neither list are not scanned. */
export interface RegistryScanningEnhancedOptions {
  /**
   * Names of the repositories whose images are scanned when they are pushed, and again for each new vulnerability;
   * 0 to 100.
   *
   * @default - no repositories
   */
  readonly continuous?: string[];

  /**
   * Names of the repositories whose images are scanned when they are pushed, 0 to 100. Repositories that match both lists are scanned continuously.
   *
   * @default - all repositories that are not scanned continuously
   */
  readonly onPush?: string[];
}

const FIX = 'Write an object such as { onPush: ["prod/*"] }, or leave it out.';
const REPLACEMENTS = { scanOnPush: 'Write `onPush`.', repositoryFilters: 'Write `onPush`.', rules: 'Write `onPush`.', repositories: 'Write `onPush`.' };

export const BASIC_SCANNING = new Shape<RegistryScanningBasicOptions>(FIX, { onPush: SCANNING_FILTERS }, {
  ...REPLACEMENTS, continuous: 'Only `RegistryScanning.enhanced` has continuous scanning.',
});

export const ENHANCED_SCANNING = new Shape<RegistryScanningEnhancedOptions>(FIX, { continuous: SCANNING_FILTERS, onPush: SCANNING_FILTERS }, {
  ...REPLACEMENTS, continuousScan: 'Write `continuous`.',
});

/**
 * The scanning configuration of the registry: which repositories are scanned, how and when.
 *
 * In the name of a repository, `*` matches anything. A name without `*` matches every repository that contains it.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html
 */
export class RegistryScanning {
  /**
   * Basic scanning: operating system packages. By default, every image is scanned when it is pushed.
   *
   * Creating the settings throws if a name is malformed or repeated, and if a list is a token.
   *
   * @param options which repositories
   */
  public static basic(options: RegistryScanningBasicOptions = {}): RegistryScanning {
    return new RegistryScanning('BASIC', options);
  }

  /**
   * Enhanced scanning with Amazon Inspector, which charges per image. By default, every image is scanned when it is pushed.
   *
   * Creating the settings throws if a name is malformed or repeated, if a list is a token, and if both lists are empty.
   *
   * @param options which repositories, and when
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning-enhanced.html
   */
  public static enhanced(options: RegistryScanningEnhancedOptions = {}): RegistryScanning {
    return new RegistryScanning('ENHANCED', options);
  }

  private constructor(private readonly scanType: 'BASIC' | 'ENHANCED', private readonly options: RegistryScanningEnhancedOptions) {}

  /** @internal */
  public _scanning(scope: IConstruct): CfnRegistryScanningConfigurationProps {
    const { scanType, options } = this;
    (scanType === 'BASIC' ? BASIC_SCANNING : ENHANCED_SCANNING).check(scope, 'scanning', options);
    const { continuous = [], onPush } = options;
    const always = rulesFor(scope, 'continuous', 'CONTINUOUS_SCAN', continuous);
    const rules = [...always, ...rulesFor(scope, 'onPush', 'SCAN_ON_PUSH', onPush === undefined ? allBeside(continuous) : onPush)];
    if (rules.length === 0 && scanType === 'ENHANCED') {
      reject(scope, {
        property: 'scanning.onPush', must: 'have at least one item where \'continuous\' has none', got: onPush, fix: 'Leave it out, or leave out scanning.',
      });
    }
    return { scanType, rules };
  }
}

function rulesFor(scope: IConstruct, name: keyof RegistryScanningEnhancedOptions, scanFrequency: string, repositories: string[]): ScanningRule[] {
  if (repositories.length === 0) return [];
  checkUnique(scope, `scanning.${name}`, repositories);
  return [{ scanFrequency, repositoryFilters: filters(repositories, 'WILDCARD') }];
}

/** The repositories for `onPush` by default. A second rule for all repositories would have no effect. */
function allBeside(continuous: string[]): string[] {
  return continuous.includes('*') ? [] : ['*'];
}

/** A value that must be a scanning configuration. */
export const REGISTRY_SCANNING: InstanceRule = {
  kind: 'instance', must: 'be a RegistryScanning', methods: ['_scanning'], fix: 'Call the factory, e.g. RegistryScanning.enhanced().',
};

/** Creates the scanning configuration of a registry. */
export function createScanning(scope: Construct, scanning: RegistryScanning): void {
  new CfnRegistryScanningConfiguration(scope, 'Scanning', scanning._scanning(scope));
}
