import * as http from 'node:http';
import { AddressInfo } from 'node:net';
import { finished } from 'node:stream/promises';
import { systemClock } from '../../src/engine/clock';
import { BlobCheck } from '../../src/engine/digest';
import { HttpTransport } from '../../src/engine/http';

// The connection to the source is open while the destination issues a token or starts the upload, which can take seconds.
describe('an upload whose source disconnected while the destination was preparing it', () => {
  const SIZE = 1000;
  const servers: http.Server[] = [];
  const serve = async (answer: http.RequestListener) => {
    const server = http.createServer(answer);
    servers.push(server);
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  };
  afterEach(() => servers.splice(0).forEach(server => server.close().closeAllConnections()));

  test.each(['reset', 'end'] as const)('fails at once and names the source: %s', async how => {
    const source = await serve(({ socket }, response) => {
      response.writeHead(200, { 'content-length': SIZE });
      response.write('begin', () => how === 'reset' ? socket.resetAndDestroy() : socket.end());
    });
    const destination = await serve(request => request.resume());
    const transport = new HttpTransport({ clock: systemClock, trusted: [source, destination] });
    const { body } = await transport.send({ method: 'GET', url: new URL(source), headers: {} });
    await finished(body).catch(() => undefined);
    expect(body.destroyed).toBe(true);

    const check = new BlobCheck({ mediaType: 'layer', digest: `sha256:${'0'.repeat(64)}`, size: SIZE });
    const started = Date.now();
    await expect(transport.send({ method: 'PUT', url: new URL(destination), headers: { 'content-length': String(SIZE) }, body: { source: body, check, size: SIZE } }))
      .rejects.toMatchObject({ reason: 'the connection failed (ERR_STREAM_PREMATURE_CLOSE)', retry: 'transient', party: 'feed' });
    // Without this, it waits 30 seconds for a chunk, and up to five minutes in a later attempt.
    expect(Date.now() - started).toBeLessThan(10_000);
    transport.close();
  });
});
