import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { Display, Mode, show } from '../../local/display';
import { run, say, step } from '../../local/process';

const scratch = () => fs.mkdtempSync(path.join(os.tmpdir(), 'local-'));

/** The output of a display, and its log. */
function shown(mode: Mode, isTTY = false) {
  const log = path.join(scratch(), 'logs', 'run.log');
  const terminal = { text: '', isTTY, columns: 60, write(text: string) { this.text += text; } };
  show(new Display(mode, log, terminal));
  return { terminal, lines: () => terminal.text.split('\n').filter(line => line !== ''), log: () => fs.readFileSync(log, 'utf8') };
}
const node = (code: string) => run(process.execPath, ['-e', code]);

afterEach(() => show(new Display()));

test('without a terminal, a step is one line with its time, without control characters', async () => {
  const { terminal, lines } = shown('steps');
  await step('First', () => node('console.log("\\u001b[31mnoise\\u001b[0m\\r\\n".repeat(100))'));
  await step('Second', () => say('a detail'));

  expect(lines()).toEqual([expect.stringMatching(/^✔ First {2}\d+\.\d s$/), expect.stringMatching(/^✔ Second {2}\d+\.\d s$/)]);
  // eslint-disable-next-line no-control-regex
  expect(terminal.text).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
});

test('on a terminal, the line of a step is updated in place and never wraps', async () => {
  const { terminal } = shown('steps', true);
  await step('Working', () => node('console.log("x".repeat(500)); setTimeout(() => {}, 400)'));

  expect(terminal.text.match(/\n/g)).toHaveLength(1);
  const updates = terminal.text.split('\r').map(text => text.replace('\u001b[K', ''));
  expect(updates.length).toBeGreaterThan(2);
  for (const update of updates) expect([...update.split('\n')[0]].length).toBeLessThan(60);
  expect(updates[updates.length - 1]).toMatch(/^✔ Working {2}\d+\.\d s\n$/);
});

test('a failed step shows its last lines and the path of the complete log', async () => {
  const { lines, log } = shown('steps');
  const failing = step('Failing', () => node('for (let i = 1; i <= 40; i++) console.log("line " + i); console.error("    at file (/a.js:1:2)"); process.exit(3)'));

  await expect(failing).rejects.toThrow('failed with exit code 3');
  expect(lines()[0]).toMatch(/^✖ Failing/);
  expect(lines()).toContain('  │ line 40');
  expect(lines()).not.toContain('  │ line 20');
  expect(lines().join()).not.toContain('/a.js:1:2');
  expect(lines()[lines().length - 1]).toMatch(/^ {2}Log: .*run\.log$/);
  expect(lines().length).toBeLessThanOrEqual(15);
  expect(log()).toContain('line 20');
  expect(log()).toContain('/a.js:1:2');
});

test('verbose mode shows all output immediately', async () => {
  const { lines } = shown('verbose');
  await step('Talking', () => node('console.log("all of it")'));

  expect(lines()).toEqual(['▸ Talking …', 'all of it', expect.stringMatching(/^ {2}done in/)]);
});

test('quiet mode shows only results and the failed step', async () => {
  const { terminal, lines, log } = shown('quiet');
  await step('Working', () => say('a detail'));
  say('between steps');
  expect(terminal.text).toBe('');
  expect(log()).toContain('▸ Working');

  await expect(step('Failing', () => node('console.log("the reason"); process.exit(1)'))).rejects.toThrow();
  expect(lines().slice(0, 2)).toEqual(['✖ Failing', '  │ the reason']);
});

test('steps inside of a step belong to its line', async () => {
  const { lines } = shown('steps');
  await step('Outer', () => step('Inner', () => node('console.log("x")')));

  expect(lines()).toEqual([expect.stringMatching(/^✔ Outer/)]);
});
