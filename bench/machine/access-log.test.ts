import { countRequests, parseAccessLog } from './access-log';

const line = (request: string, status: number) => `127.0.0.1 - - [22/Nov/2026:04:11:32 +0000] "${request} HTTP/1.1" ${status} 2 "" "agent/1 (\\"quoted\\")"\n`;
const BLOB = `/v2/a/blobs/sha256:${'0'.repeat(64)}`;

test('requests are counted from the log of the registry, whatever else is in it', () => {
  const log = parseAccessLog([
    'time="2026-11-22T04:11:32Z" level=error msg="not a request"\n',
    line('GET /v2/', 200),
    line(`HEAD ${BLOB}`, 200),
    line(`GET ${BLOB}`, 200),
    line(`GET ${BLOB}`, 404),
    line('POST /v2/b/blobs/uploads/?mount=sha256%3A00&from=a', 201),
    line('POST /v2/b/blobs/uploads/?mount=sha256%3A01&from=a', 202),
    line('PUT /v2/b/blobs/uploads/id?digest=sha256%3A01', 201),
    line('PUT /v2/b/manifests/v1', 201),
  ].join(''));

  expect(countRequests(log)).toEqual({ requests: 8, blobsRead: 1, blobsWritten: 1, blobsMounted: 1 });
});
