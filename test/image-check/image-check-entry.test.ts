import { handler as build } from '../../src/build/image-build.lambda';
import { handler as copy } from '../../src/copy/image-copy.lambda';
import { handler as check } from '../../src/image-check/image-check.lambda';
import { ARM64, OCI_CONFIG, REPOSITORY, STACK } from '../helpers/check-scene';
import { AnswerBox } from '../helpers/cloudformation-answers';
import { OCI_MANIFEST, ScanCloud } from '../helpers/scan-cloud';

// Functions that publish images also check them, and recognize a check by its type.
const HANDLERS = { check, copy, build };

test('every deployed Lambda handler that checks images checks an image and answers CloudFormation once', async () => {
  const environment = { ...process.env };
  const [cloud, answers] = [await ScanCloud.start(), await AnswerBox.start()];
  const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  try {
    Object.assign(process.env, { AWS_ENDPOINT_URL: cloud.origin, AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret' });
    cloud.stacks.set(STACK, { status: 'CREATE_IN_PROGRESS' });
    const config = { mediaType: OCI_CONFIG, digest: cloud.addBlob(ARM64), size: 1 };
    const digest = cloud.add({ schemaVersion: 2, mediaType: OCI_MANIFEST, config, layers: [] }, 'live-web.1');
    const properties = { SchemaVersion: '1', Repository: REPOSITORY, Version: 'live-web.1', Runner: 'LAMBDA', UsedBy: 'the function Stack/Function', Architecture: 'arm64' };
    const cases = Object.entries(HANDLERS).flatMap(([name, handler]) => ['arm64', 'x86_64'].map(Architecture => ({ handler, Architecture, request: `${name}-${Architecture}` })));
    for (const { handler, Architecture, request } of cases) {
      const event = {
        RequestType: 'Create' as const, ResponseURL: answers.address(request), StackId: STACK, RequestId: request, LogicalResourceId: 'Check',
        ResourceType: 'Custom::ContainerImageCheck', ResourceProperties: { ...properties, Architecture },
      };
      await handler(event, { getRemainingTimeInMillis: () => 300_000 });
      expect(answers.received(request)).toHaveLength(1);
      expect(answers.answerTo(event)).toMatchObject(Architecture === 'arm64'
        ? { status: 'SUCCESS', data: { DigestHex: digest.slice(7) } } : { status: 'FAILED', reason: expect.stringContaining('it is built for linux/arm64') });
    }
    expect(JSON.stringify(log.mock.calls)).not.toContain('canary');
  } finally {
    process.env = environment;
    await Promise.all([cloud.stop(), answers.stop()]);
  }
});
