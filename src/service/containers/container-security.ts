import { Size, Token } from 'aws-cdk-lib';
import { Tmpfs, TmpfsMountOption } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { ABSOLUTE_PATH } from './volumes/volume-definition';
import { Rule, Shape } from '../../private/shape';
import { reject } from '../../private/validation';

/** Options of a container with a read-only root filesystem. */
export interface ContainerSecurityReadOnlyRootOptions {
  /**
   * Writable directories, as absolute paths. They are in memory (tmpfs), initially empty, and count toward the memory of the container.
   *
   * @default ["/tmp"]
   */
  readonly writable?: string[];

  /**
   * The size of each of these directories, in whole MiB.
   *
   * @default Size.mebibytes(64)
   */
  readonly writableSize?: Size;
}

/** Options of a hardened container. */
export interface ContainerSecurityHardenedOptions extends ContainerSecurityReadOnlyRootOptions {
  /**
   * The user of the process: a user ID, or a user ID and a group ID. Names throw, because the owner of a directory in memory is set by ID. Root also
   * throws.
   *
   * @default "65532:65532", named `nonroot` in many small images
   */
  readonly user?: string;
}

const WRITABLE: Rule = { kind: 'list', of: ABSOLUTE_PATH, fix: 'Use a list of directories such as ["/tmp"], or leave it out.' };
const WRITABLE_SIZE: Rule = { kind: 'size', unit: 'mebibytes', min: 1, fix: 'Use whole MiB, e.g. Size.mebibytes(64).' };

/** The rules of `ContainerSecurityReadOnlyRootOptions`. */
export const READ_ONLY_ROOT = new Shape<ContainerSecurityReadOnlyRootOptions>('Write ContainerSecurity.readOnlyRoot({ writable: ["/run"] }).', {
  writable: WRITABLE,
  writableSize: WRITABLE_SIZE,
}, {
  user: 'Write user in the options of the container.',
});

/** The rules of `ContainerSecurityHardenedOptions`. */
export const HARDENED_CONTAINER = new Shape<ContainerSecurityHardenedOptions>('Write ContainerSecurity.hardened({ user: "1000" }).', {
  writable: WRITABLE,
  writableSize: WRITABLE_SIZE,
  user: {
    kind: 'text', pattern: /^(?!0+(:|$))\d{1,10}(:\d{1,10})?$/, must: 'be the number of a user other than root, or of a user and a group',
    fix: 'Use the output of \'docker run --entrypoint id <image>\', e.g. "1000:1000".',
  },
});

const TEMPORARY = '/tmp';
const SAFE = [TmpfsMountOption.NOSUID, TmpfsMountOption.NODEV, TmpfsMountOption.NOEXEC];

/** The first port that any user can listen on by default. */
const FIRST_UNPRIVILEGED_PORT = 1024;

/**
 * Restrictions of a container.
 *
 * @see https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html
 */
export class ContainerSecurity {
  /**
   * A read-only root filesystem, a user other than root, no Linux capabilities, and on EC2 no new privileges (Fargate does not have this setting).
   * `/tmp` is writable. Ports below 1024 still work.
   *
   * The image must support it. For example, the public nginx image writes to `/var/cache/nginx` and `/run`, which must be in `writable`.
   * Throws with `enableExecuteCommand`, whose agent writes to the root filesystem.
   *
   * @param options user and writable directories
   */
  public static hardened(options: ContainerSecurityHardenedOptions = {}): ContainerSecurity {
    return new ContainerSecurity(options, 'hardened');
  }

  /**
   * A read-only root filesystem and no other restrictions, for images that need root or capabilities. `/tmp` is writable.
   *
   * Directories in memory belong to the `user` of the container if it is a number, and otherwise to root.
   * Throws with `enableExecuteCommand`, whose agent writes to the root filesystem.
   *
   * @param options writable directories
   * @see https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-5
   */
  public static readOnlyRoot(options: ContainerSecurityReadOnlyRootOptions = {}): ContainerSecurity {
    return new ContainerSecurity(options, 'readOnlyRoot');
  }

  private constructor(private readonly options: ContainerSecurityHardenedOptions, private readonly kind: 'hardened' | 'readOnlyRoot') {}

  /** @internal */
  public _check(scope: IConstruct, property: string): void {
    const shape: { check(...args: [IConstruct, string, unknown]): void } = this._isHardened ? HARDENED_CONTAINER : READ_ONLY_ROOT;
    shape.check(scope, property, this.options);
    const { writable = [] } = this.options;
    const repeated = Token.isUnresolved(writable) ? undefined : writable.find((path, index) => writable.indexOf(path) !== index);
    if (repeated !== undefined) {
      reject(scope, { property: `${property}.writable`, must: 'have each directory once', got: repeated, fix: 'Remove the second one.' });
    }
  }

  /**
   * Whether there are restrictions other than the read-only root filesystem.
   *
   * @internal
   */
  public get _isHardened(): boolean {
    return this.kind === 'hardened';
  }

  /**
   * The user; undefined if the container sets it.
   *
   * @internal
   */
  public get _user(): string | undefined {
    return this._isHardened ? this.options.user ?? '65532:65532' : undefined;
  }

  /**
   * The directories that the user has named.
   *
   * @internal
   */
  public get _writable(): string[] | undefined {
    return this.options.writable;
  }

  /**
   * The directories in memory, without those at which a volume is mounted.
   *
   * @internal
   */
  public _tmpfs(mounted: string[], user?: string): Tmpfs[] {
    const size = (this.options.writableSize ?? Size.mebibytes(64)).toMebibytes();
    return (this._writable ?? [TEMPORARY]).filter(path => !mounted.includes(path))
      .map(containerPath => ({ containerPath, size, mountOptions: [...SAFE, ...ownerOf(containerPath, this._user ?? user)] }));
  }

  /**
   * Whether a kernel parameter must allow every user to listen on these ports.
   *
   * @internal
   */
  public _needsOpening(ports: number[]): boolean {
    return this._isHardened && ports.some(port => !Token.isUnresolved(port) && port < FIRST_UNPRIVILEGED_PORT);
  }
}

/**
 * The mount options for the owner of a directory in memory. Regardless of the option `mode`, it has the mode of the directory that it hides and
 * belongs to root. Every user can write to /tmp; for other directories, the options set the owner.
 */
function ownerOf(path: string, user: string | undefined): TmpfsMountOption[] {
  const [, uid, gid] = /^(\d+)(?::(\d+))?$/.exec(Token.isUnresolved(user) ? '' : user ?? '') ?? [];
  if (path === TEMPORARY || uid === undefined) {
    return [];
  }
  // The type of the L2 contains only names of options, without values.
  return [`uid=${uid}`, ...gid === undefined ? [] : [`gid=${gid}`]] as TmpfsMountOption[];
}
