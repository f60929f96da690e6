import { Size, Token } from 'aws-cdk-lib';
import { Tmpfs, TmpfsMountOption } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { checkSecurity } from './checks/security-checks';

/** Where a container with a read-only root filesystem writes to. */
export interface ReadOnlyRootOptions {
  /**
   * Directories that the process may write to, as absolute paths. They are in memory, empty at first, and count to the memory of the
   * container.
   *
   * @default ["/tmp"]
   */
  readonly writable?: string[];

  /**
   * How much fits into each of these directories, in whole MiB.
   *
   * @default Size.mebibytes(64)
   */
  readonly writableSize?: Size;
}

/** What may differ in a hardened container. */
export interface HardenedContainerOptions extends ReadOnlyRootOptions {
  /**
   * Who the process runs as: the number of a user, or of a user and a group, because what is in memory has to be given to it by number.
   * Throws when it is root.
   *
   * @default "65532:65532", which many small images call `nonroot`
   */
  readonly user?: string;
}

const TEMPORARY = '/tmp';
const SAFE = [TmpfsMountOption.NOSUID, TmpfsMountOption.NODEV, TmpfsMountOption.NOEXEC];

/** The first port that any user may listen on, unless the kernel is told otherwise. */
const FIRST_UNPRIVILEGED_PORT = 1024;

/**
 * What is taken away from a container.
 *
 * @see https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html
 */
export class ContainerSecurity {
  /**
   * The root filesystem is read-only, the user is not root, there are no Linux capabilities, and on EC2 no new privileges, which Fargate has no
   * setting for. `/tmp` is writable. A port below 1024 works all the same.
   *
   * The image has to be made for it: the public nginx, for one, writes to `/var/cache/nginx` and `/run`, which have to be `writable`.
   * Throws with `enableExecuteCommand`, because the agent behind it has to write.
   *
   * @param options what differs from the usual
   */
  public static hardened(options: HardenedContainerOptions = {}): ContainerSecurity {
    return new ContainerSecurity(options, 'hardened');
  }

  /**
   * The root filesystem is read-only, and everything else is as the image has it: for images that need root or capabilities. `/tmp` is writable.
   *
   * Directories in memory belong to `user` of the container where that is a number, and to root otherwise.
   * Throws with `enableExecuteCommand`, because the agent behind it has to write.
   *
   * @param options what differs from the usual
   * @see https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html#ecs-5
   */
  public static readOnlyRoot(options: ReadOnlyRootOptions = {}): ContainerSecurity {
    return new ContainerSecurity(options, 'readOnlyRoot');
  }

  private constructor(private readonly options: HardenedContainerOptions, private readonly kind: 'hardened' | 'readOnlyRoot') {}

  /** @internal */
  public _check(scope: IConstruct, property: string): void {
    checkSecurity(scope, property, this.options, this.kind);
  }

  /**
   * Whether more is taken away than the root filesystem.
   *
   * @internal
   */
  public get _isHardened(): boolean {
    return this.kind === 'hardened';
  }

  /**
   * Who the process runs as; undefined where the container says so.
   *
   * @internal
   */
  public get _user(): string | undefined {
    return this._isHardened ? this.options.user ?? '65532:65532' : undefined;
  }

  /**
   * What was asked for.
   *
   * @internal
   */
  public get _writable(): string[] | undefined {
    return this.options.writable;
  }

  /**
   * The directories in memory, apart from those at which a volume is mounted.
   *
   * @internal
   */
  public _tmpfs(mounted: string[], user?: string): Tmpfs[] {
    const size = (this.options.writableSize ?? Size.mebibytes(64)).toMebibytes();
    return (this._writable ?? [TEMPORARY]).filter(path => !mounted.includes(path))
      .map(containerPath => ({ containerPath, size, mountOptions: [...SAFE, ...ownerOf(containerPath, this._user ?? user)] }));
  }

  /**
   * Whether the kernel has to let everybody listen there.
   *
   * @internal
   */
  public _needsOpening(ports: number[]): boolean {
    return this._isHardened && ports.some(port => !Token.isUnresolved(port) && port < FIRST_UNPRIVILEGED_PORT);
  }
}

/**
 * A directory in memory has the rights of the one that it hides, whatever the option `mode` says, and belongs to root. Everybody may write to
 * the usual /tmp; others are given to the user.
 */
function ownerOf(path: string, user: string | undefined): TmpfsMountOption[] {
  const [, uid, gid] = /^(\d+)(?::(\d+))?$/.exec(Token.isUnresolved(user) ? '' : user ?? '') ?? [];
  if (path === TEMPORARY || uid === undefined) {
    return [];
  }
  // The L2 knows the names of the options, and not that some have a value.
  return [`uid=${uid}`, ...gid === undefined ? [] : [`gid=${gid}`]] as TmpfsMountOption[];
}
