import { Located } from './graph';
import { RegistryClient } from './registry-client';

/** What became of the blobs. */
export interface BlobCounts {
  mounted: number;
  streamed: number;
  existing: number;
  bytes: number;
}

/** Brings blobs into the destination by the cheapest way that works. */
export class BlobCopier {
  public readonly counts: BlobCounts = { mounted: 0, streamed: 0, existing: 0, bytes: 0 };
  private readonly refused = new Set<RegistryClient>();
  private mounts = true;

  constructor(private readonly destination: RegistryClient, private readonly onStreamed: () => void = () => undefined) {}

  /** Mounts a blob, finds it there, or streams it. */
  public async copy(blob: Located): Promise<void> {
    const upload = this.isMountable(blob.from) ? await this.mount(blob) : undefined;
    if (upload === 'mounted') {
      this.counts.mounted++;
    } else if (await this.destination.hasBlob(blob)) {
      this.counts.existing++;
    } else {
      await this.destination.streamBlob(blob, blob.from, upload);
      this.counts.streamed++;
      this.counts.bytes += blob.size;
      this.onStreamed();
    }
  }

  /** From now on a blob is only there when the registry says so after being asked. */
  public stopMounting(): void {
    this.mounts = false;
  }

  private isMountable(from: RegistryClient): boolean {
    return this.mounts && !this.refused.has(from) && from.connection.sharesLogin(this.destination.connection);
  }

  private async mount(blob: Located): Promise<'mounted' | URL> {
    const upload = await this.destination.mountBlob(blob, blob.from.connection.repository.repository);
    // Refused once, refused for all: mounting is a setting of the registry or of the key. Every further try
    // would leave another upload session open.
    if (upload !== 'mounted') this.refused.add(blob.from);
    return upload;
  }
}
