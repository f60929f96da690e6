/** A request in the log of the registry. */
export interface LoggedRequest {
  readonly method: string;
  readonly target: string;
  readonly status: number;
}

/** The requests of a copy to the registries. */
export interface RequestCounts {
  readonly requests: number;
  /** Downloaded blobs (layers and configs). */
  readonly blobsRead: number;
  /** Uploaded blobs. */
  readonly blobsWritten: number;
  /** Blobs that the registry mounted from another of its repositories. */
  readonly blobsMounted: number;
}

/** Parses the requests from the output of a registry, which is in Apache's combined log format. */
export function parseAccessLog(text: string): LoggedRequest[] {
  return [...text.matchAll(/"([A-Z]+) (\S+) HTTP\/[\d.]+" (\d{3}) /g)]
    .map(([, method, target, status]) => ({ method, target, status: Number(status) }));
}

/** Counts the requests by kind. */
export function countRequests(log: readonly LoggedRequest[]): RequestCounts {
  const count = (matches: (request: LoggedRequest) => boolean) => log.filter(matches).length;
  return {
    requests: log.length,
    blobsRead: count(({ method, target, status }) => method === 'GET' && target.includes('/blobs/sha256:') && status === 200),
    blobsWritten: count(({ method, target, status }) => method === 'PUT' && target.includes('/blobs/uploads/') && status === 201),
    blobsMounted: count(({ method, target, status }) => method === 'POST' && target.includes('mount=') && status === 201),
  };
}
