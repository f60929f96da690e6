import { Descriptor } from './contract';
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
  private mountable: boolean;

  constructor(private readonly source: RegistryClient, private readonly destination: RegistryClient) {
    this.mountable = source.connection.repository.host === destination.connection.repository.host;
  }

  /** Mounts a blob, finds it there, or streams it. */
  public async copy(blob: Descriptor): Promise<void> {
    const upload = this.mountable ? await this.mount(blob) : undefined;
    if (upload === 'mounted') {
      this.counts.mounted++;
    } else if (await this.destination.hasBlob(blob)) {
      this.counts.existing++;
    } else {
      await this.destination.streamBlob(blob, this.source, upload);
      this.counts.streamed++;
      this.counts.bytes += blob.size;
    }
  }

  private async mount(blob: Descriptor): Promise<'mounted' | URL> {
    const upload = await this.destination.mountBlob(blob, this.source.connection.repository.repository);
    // Refused once, refused for all: mounting is a setting of the registry or of the key. Every further try
    // would leave another upload session open.
    if (upload !== 'mounted') this.mountable = false;
    return upload;
  }
}
