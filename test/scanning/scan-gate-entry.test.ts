import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { buildSync } from 'esbuild';
import { handler } from '../../src/scanning/scan-gate.lambda';
import { AnswerBox } from '../helpers/cloudformation-answers';
import { OCI_MANIFEST, ScanCloud } from '../helpers/scan-cloud';
import { PASSED, REPOSITORY, STACK, basicScan } from '../helpers/scan-scene';

test('the whole function, as Lambda calls it, lets a clean image pass and answers CloudFormation once', async () => {
  const environment = { ...process.env };
  const [cloud, answers] = [await ScanCloud.start(), await AnswerBox.start()];
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
  try {
    Object.assign(process.env, { AWS_ENDPOINT_URL: cloud.origin, AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret' });
    cloud.stacks.set(STACK, { status: 'CREATE_IN_PROGRESS' });
    const digest = cloud.add({ schemaVersion: 2, mediaType: OCI_MANIFEST }, 'live-web.1');
    cloud.scans.set(digest, [basicScan()]);
    const event = {
      RequestType: 'Create' as const, ResponseURL: answers.address('request'), StackId: STACK, RequestId: 'request', LogicalResourceId: 'Gate',
      ResourceProperties: {
        SchemaVersion: '1', Repository: REPOSITORY, Tag: 'live-web.1', PassedTagPrefix: PASSED, FailOn: 'HIGH', WaitMinutes: '15',
      },
    };
    await handler(event, { getRemainingTimeInMillis: () => 900_000 });

    expect(answers.received('request')).toHaveLength(1);
    expect(answers.answerTo(event)).toMatchObject({ status: 'SUCCESS', data: { DigestHex: digest.slice(7), Tag: 'live-web.1' } });
  } finally {
    process.env = environment;
    await Promise.all([cloud.stop(), answers.stop()]);
  }
});

describe('the bundle', () => {
  const { outputFiles: [bundle], metafile } = buildSync({
    entryPoints: ['src/scanning/scan-gate.lambda.ts'], bundle: true, minify: true, platform: 'node', target: 'node22', format: 'cjs', write: false, metafile: true,
  });

  test('is smaller than 20 KB compressed', () => {
    expect(gzipSync(bundle.contents).length).toBeLessThan(20_000);
  });

  test('needs nothing but Node and contains nothing but our code and the signer', () => {
    const packages = Object.keys(metafile.inputs).filter(path => path.includes('node_modules')).map(path => path.split('node_modules/')[1].split('/')[0]);
    expect([...new Set(packages)]).toEqual(['aws4']);
    const required = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
    expect(required.filter(path => !path.startsWith('node:') && !['crypto', 'querystring', 'url'].includes(path))).toEqual([]);
  });

  test('loads and exports the handler that Lambda calls', () => {
    const module = { exports: { handler: undefined } };
    const globals = { module, exports: module.exports, require, process, URL, Buffer, console, setTimeout, clearTimeout, AbortController };
    runInNewContext(bundle.text, globals);
    expect(typeof module.exports.handler).toBe('function');
  });
});
