import { TestClock } from './registry-clock';
import { OCI_INDEX, OCI_MANIFEST, ScanCloud } from './scan-cloud';
import { ScanScene, Told, basicFinding, basicScan } from './scan-scene';

/** The live tag that is deployed. */
export const TAG = 'live-web.1';
export const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
export const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
export const AMD64 = { os: 'linux', architecture: 'amd64' };
export const ARM64 = { os: 'linux', architecture: 'arm64' };
export const UNKNOWN = { os: 'unknown', architecture: 'unknown' };
/** The annotations of an attestation. */
export const ATTESTED = { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': 'sha256:1' };
export const LAYER = { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip' };

/** The response to a deployment whose critical finding was detected. */
export const CRITICAL = { Status: 'FAILED', Reason: expect.stringContaining('CRITICAL CVE-2025-1') };

/** The response to a deployment of an ambiguous manifest. */
export function unsafe(why = '.+') {
  return { Status: 'FAILED', Reason: expect.stringMatching(new RegExp(`^the manifest ${why} \\(sha256:[a-f0-9]{64}\\); build the image again$`)) };
}

/** An entry of an index. */
export function entry(digest: string, changes: object = {}) {
  return { mediaType: OCI_MANIFEST, digest, size: 1, platform: AMD64, ...changes };
}

/** A repository with a clean image and one that has a critical finding. An attacker tries to get the latter through the gate. */
export class DisguiseScene {
  public static async open(): Promise<DisguiseScene> {
    return new DisguiseScene(await ScanScene.open());
  }

  public readonly clean: string;
  public readonly bad: string;

  public readonly cloud: ScanCloud;
  public readonly clock: TestClock;

  private constructor(private readonly scene: ScanScene) {
    this.cloud = scene.cloud;
    this.clock = scene.clock;
    [this.clean, this.bad] = [scene.image('clean'), scene.image('bad')];
    this.cloud.scans.set(this.clean, [basicScan()]);
    this.findCritical(this.bad);
  }

  /** Adds a critical finding to the scan of an image. */
  public findCritical(digest: string): string {
    this.cloud.scans.set(digest, [basicScan(basicFinding('CVE-2025-1', 'CRITICAL'))]);
    return digest;
  }

  /** Puts an index into the repository. */
  public index(...manifests: object[]): string {
    return this.cloud.add({ schemaVersion: 2, mediaType: OCI_INDEX, manifests });
  }

  /** Puts an image into the repository that contains only attestations. */
  public attestation(): string {
    return this.scene.attestation();
  }

  /** Deploys the image of the tag. */
  public async deploy(properties: Readonly<Record<string, unknown>> = {}): Promise<Told> {
    return this.scene.deploy(properties);
  }

  /** Deploys an index with these entries next to the clean image. */
  public async deployIndex(...entries: object[]): Promise<Told> {
    this.cloud.tags.set(TAG, this.index(entry(this.clean), ...entries));
    return this.deploy();
  }

  /** Deploys a manifest with exactly these bytes. */
  public async deployText(manifest: string, mediaType?: string): Promise<Told> {
    this.findCritical(this.cloud.addText(manifest, mediaType, TAG));
    return this.deploy();
  }
}
