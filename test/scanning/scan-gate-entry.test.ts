import { handler } from '../../src/scanning/scan-gate.lambda';
import { AnswerBox } from '../helpers/cloudformation-answers';
import { OCI_MANIFEST, ScanCloud } from '../helpers/scan-cloud';
import { PASSED, REPOSITORY, STACK, basicScan } from '../helpers/scan-scene';

test('the deployed Lambda handler lets a clean image pass and answers CloudFormation once', async () => {
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
