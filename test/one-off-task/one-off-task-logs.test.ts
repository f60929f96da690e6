import fc from 'fast-check';
import { runsOf } from '../helpers/exhaustive';
import { RunScene } from '../helpers/run-scene';

let scene: RunScene;
beforeEach(async () => {
  scene = await RunScene.open();
  scene.cloud.lives = [{ containers: { migrate: 1 } }];
});
afterEach(async () => scene.cloud.stop());

const HEAD = 'the task failed: container \'migrate\' ended with exit code 1';
const INTRO = `${HEAD}. Its last log lines (all are in /migrate, migrate/migrate/0001): `;
const reasonOf = async (changes: Readonly<Record<string, unknown>> = {}) => (await scene.deploy(changes)).Reason;

test('log lines that arrive late are awaited', async () => {
  scene.writes('migrate', [], ['one'], ['one', 'two'], ['one', 'two']);
  expect(await reasonOf()).toBe(`${INTRO}one | two`);
});

test('a log that never starts is awaited for 15 seconds, and then reported as empty', async () => {
  const reason = await reasonOf();
  expect(reason).toBe(`${HEAD}. Its log is empty (/migrate, migrate/migrate/0001)`);
  expect(scene.clock.sleeps.slice(-4)).toEqual([3000, 3000, 3000, 3000]);
});

test('empty pages of log events are skipped', async () => {
  scene.writes('migrate', 'empty page', 'empty page', ['found']);
  expect(await reasonOf()).toBe(`${INTRO}found`);
});

test('the message has at most the requested number of lines, and the last ones if not all fit', async () => {
  const lines = Array.from({ length: 100 }, (_, at) => `line ${at} ${'x'.repeat(90)}`);
  scene.writes('migrate', lines);
  expect(await reasonOf({ LogLines: '2' })).toBe(INTRO + lines.slice(-2).join(' | '));
  const reason = String((await scene.deploy({ LogLines: '100' })).Reason);
  expect(reason.startsWith(`${INTRO}... | line `)).toBe(true);
  expect(reason.endsWith(lines[99])).toBe(true);
  expect(Buffer.byteLength(JSON.stringify(reason))).toBeGreaterThan(2700);
});

test('each line of a stack trace counts, and a very long line is cut', async () => {
  scene.writes('migrate', ['Error: no\n    at a\r\n\n    at b', 'y'.repeat(5000)]);
  expect(await reasonOf()).toBe(`${INTRO}Error: no | at a | at b | ${'y'.repeat(597)}…`);
});

test('colors and other terminal escapes are removed', async () => {
  scene.writes('migrate', ['\u001b[31merror\u001b[0m\u0007 in \u001b]0;title\u0007\u001b[1;32mmigration\u001b[m\u202e 7\u2028!', '\u001b[2K\u001b[1G']);
  expect(await reasonOf()).toBe(`${INTRO}error  in migration  7 !`);
});

test('for any log, the answer is one line that CloudFormation can show, and ends with the end of the log or a mark of the cut', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.oneof(fc.string({ unit: 'binary', maxLength: 300 }), fc.string({ unit: fc.constantFrom('"', '\\', '\u0000', '\n', '€', '😀', '\ud800'), maxLength: 900 })), { maxLength: 40 }), async lines => {
    const own = await RunScene.open();
    own.cloud.lives = [{ containers: { migrate: 1 } }];
    own.writes('migrate', lines);
    const { Status, Reason = '' } = await own.deploy({ LogLines: '100' });
    await own.cloud.stop();
    expect(Status).toBe('FAILED');
    expect(Reason.startsWith(HEAD)).toBe(true);
    expect(Reason).not.toMatch(/\p{Cc}/u);
  }), runsOf(60));
});

test('a log without read permission does not hide the cause of the failure', async () => {
  scene.writes('migrate', 'AccessDeniedException: User: x is not authorized to perform: logs:GetLogEvents');
  expect(await reasonOf()).toBe(`${HEAD}; its log (/migrate, migrate/migrate/0001) could not be read: `
    + 'CloudWatch Logs answered GetLogEvents with 400 AccessDeniedException; allow logs:GetLogEvents to the role of the function');
});

test('no log is read or shown if you turn it off', async () => {
  scene.writes('migrate', ['password is hunter2']);
  expect(await reasonOf({ LogGroup: undefined, LogLines: '0' })).toBe(HEAD);
  expect(scene.cloud.bodiesOf('GetLogEvents')).toEqual([]);
  expect(scene.lines.join()).not.toContain('hunter2');
});

test('a container with another log driver is reported without its log', async () => {
  expect(await reasonOf({ Containers: [{ Name: 'migrate', Essential: 'true' }] })).toBe(HEAD);
});

test('the log of a successful task is not read', async () => {
  scene.cloud.lives = [{}];
  await scene.deploy();
  expect(scene.cloud.bodiesOf('GetLogEvents')).toEqual([]);
});
