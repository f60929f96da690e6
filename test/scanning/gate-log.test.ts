import { EcrApi } from '../../src/custom-resource/ecr';
import { CustomResourceEvent } from '../../src/custom-resource/protocol';
import { gateWork, serveScanGate } from '../../src/scanning/handler/gate-work';
import { readScanState } from '../../src/scanning/handler/scans';
import { TestClock } from '../helpers/registry-clock';
import { OCI_MANIFEST } from '../helpers/scan-cloud';
import { REPOSITORY, STACK, ScanScene, basicFinding, basicScan, statusOf } from '../helpers/scan-scene';

const EVENT: CustomResourceEvent = {
  RequestType: 'Update', ResponseURL: 'https://cloudformation.example/answer', StackId: STACK, RequestId: 'request', LogicalResourceId: 'Gate',
  ResourceProperties: { SchemaVersion: '1', Repository: REPOSITORY, Tag: 'live-web.1', PassedTagPrefix: 'live-web.passed-', FailOn: 'HIGH', WaitMinutes: '15' },
};

describe('the log of a scan gate says', () => {
  let scene: ScanScene;
  let web: string;
  beforeEach(async () => {
    scene = await ScanScene.open();
    web = scene.image('web', 'live-web.1');
  });
  afterEach(async () => scene.cloud.stop());

  const scan = (...looks: (object | string)[]) => scene.cloud.scans.set(web, looks as []);
  const logOf = async (properties = {}, event = {}) => {
    await scene.deploy(properties, event);
    return scene.logs.at(-1);
  };
  const passed = () => `Update Gate ended with SUCCESS: ${web} passed: `;

  test('that a clean image is remembered, and that it was already known when it is deployed again', async () => {
    scan(basicScan());
    expect(await logOf()).toBe(`${passed()}clean; remembered`);
    expect(await logOf()).toBe(`${passed()}it has passed before; no finding is known now`);
    scan(statusOf('PENDING'));
    expect(await logOf()).toBe(`${passed()}it has passed before; the findings that are known now were not read`);
    scan(basicScan(basicFinding('CVE-2025-1', 'CRITICAL')));
    expect(await logOf()).toBe(`${passed()}it has passed before; known now: CRITICAL CVE-2025-1 in openssl 3.0.1`);
    scene.cloud.failures.set('DescribeImageScanFindings', ['RepositoryNotFoundException']);
    expect(await logOf()).toMatch(
      /passed: it has passed before; the findings that are known now could not be read: ECR answered DescribeImageScanFindings on team\/web with 400 RepositoryNotFoundException/,
    );
  });

  test('that an image passes because CloudFormation rolls back', async () => {
    scene.cloud.stacks.set(STACK, { status: 'UPDATE_ROLLBACK_IN_PROGRESS' });
    expect(await logOf()).toBe(`${passed()}CloudFormation rolls back`);
    expect(await logOf({ Digest: web })).toBe(`${passed()}CloudFormation rolls back`);
  });

  test('that the gate continues in another invocation, and why', async () => {
    scan(...Array.from({ length: 100 }, () => statusOf('IN_PROGRESS')), basicScan());
    await scene.deploy({ WaitMinutes: '30' });
    expect(scene.logs).toContain(`Update Gate continues in another invocation: the scan of team/web@${web} is not over; deploy again`);
  });

  test('that nothing is removed', async () => {
    expect(await logOf({}, { RequestType: 'Delete' })).toBe('Delete Gate ended with SUCCESS: nothing is removed');
  });

  test.each([OCI_MANIFEST, undefined])('nothing about the media type of the manifest with which the image is remembered: %s', async mediaType => {
    scene.cloud.addText('{"schemaVersion":2,"layers":[]}', mediaType, 'live-web.2');
    scene.cloud.scans.set(scene.cloud.tags.get('live-web.2') ?? '', [basicScan()]);
    await scene.deploy({ Tag: 'live-web.2' });
    const [body] = scene.cloud.calls.filter(({ action }) => action === 'ecr:PutImage').map(each => each.body);
    expect('imageManifestMediaType' in body ? body.imageManifestMediaType : undefined).toBe(mediaType);
  });
});

describe('a scan gate', () => {
  const clock = new TestClock();
  const limits = (deadline: number) => ({ deadline, signal: new AbortController().signal });

  test('that does not end in time says so, with the name of the image and the fix', async () => {
    const answers: string[] = [];
    const serving = serveScanGate(EVENT, { getRemainingTimeInMillis: () => 100_000 }, async () => new Promise(() => {}), {
      clock, log: () => {}, send: async ({ body }) => {
        answers.push(body);
        return { status: 200, body: '' };
      },
    });
    clock.advance(80_000);
    await serving;
    expect(JSON.parse(answers[0])).toMatchObject({ Status: 'FAILED', Reason: 'the scan gate of Gate did not end within 80 s; deploy again' });
  });

  test('sends no request to ECR after its time is over', async () => {
    const send = async () => ({ status: 200, body: '<StackStatus>UPDATE_IN_PROGRESS</StackStatus>' });
    await expect(gateWork({ environment: {}, clock, send })(EVENT, limits(clock.now()))).rejects.toThrow('no time is left to ask ECR for BatchGetImage');
  });

  test.each([[1000, 'SCANNED'], [1001, undefined]])('reads %i pages of findings', async (pages, state) => {
    let asked = 0;
    const send = async () => ({ status: 200, body: JSON.stringify({ ...basicScan(), ...++asked < pages && { nextToken: `${asked}` } }) });
    const look = readScanState(new EcrApi({ account: '1', region: 'eu-west-1', apiHost: 'api.ecr.example' }, 'web', { environment: {}, clock, send }, {}), 'sha256:1');
    if (state === undefined) await expect(look).rejects.toThrow(/^ECR lists findings of sha256:1 without an end$/);
    else expect(await look).toMatchObject({ state });
  });
});
