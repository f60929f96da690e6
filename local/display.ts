import * as fs from 'node:fs';
import * as path from 'node:path';

/** `verbose` shows all output at once, `steps` one line per step, `quiet` only results. */
export type Mode = 'verbose' | 'steps' | 'quiet';

/** The parts of `process.stdout` that a display uses. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

const TAIL = 12;
// Hides the message above it.
const STACK_FRAME = /^\s+at .+:\d+:\d+\)?$/;
const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

interface Step { readonly title: string; readonly start: number; readonly lines: string[]; partial: string; timer?: NodeJS.Timeout }

/** The output of a program: its steps, and in `verbose` mode the output of the commands it runs. The log file gets everything. */
export class Display {
  private step?: Step;
  private depth = 0;
  private frame = 0;

  /** @param log the file for all hidden output; written while its folder exists */
  constructor(readonly mode: Mode = 'verbose', readonly log?: string, private readonly terminal: Terminal = process.stdout) {
    if (!log) return;
    fs.mkdirSync(path.dirname(log), { recursive: true });
    fs.writeFileSync(log, '');
  }

  /** A line between steps, or a detail of a step. */
  say(text: string): void {
    if (this.mode === 'verbose' || this.step) this.output(`${text}\n`);
    else this.notice(text);
  }

  /** A line that the user must see, also during a step. */
  notice(text: string): void {
    this.keep(`${text}\n`);
    if (this.mode !== 'quiet') this.above(text);
  }

  /** A line that every mode shows. */
  result(text: string): void {
    this.keep(`${text}\n`);
    this.above(text);
  }

  /** Output of a command, immediately. */
  output(text: string): void {
    this.keep(text);
    if (this.mode === 'verbose') {
      this.terminal.write(text);
    } else if (this.step) {
      const lines = (this.step.partial + plain(text)).split('\n');
      this.step.partial = lines.pop() ?? '';
      this.step.lines.push(...lines.filter((line) => line.trim() !== '' && !STACK_FRAME.test(line)));
      this.step.lines.splice(0, this.step.lines.length - TAIL);
    }
  }

  begin(title: string): void {
    this.depth++;
    if (this.mode === 'verbose') this.terminal.write(`\n▸ ${title} …\n`);
    this.keep(`\n▸ ${title} …\n`);
    if (this.depth > 1) return;
    this.step = { title, start: performance.now(), lines: [], partial: '' };
    if (this.mode === 'steps' && this.terminal.isTTY) {
      this.step.timer = setInterval(() => this.update(), 120).unref();
      this.update();
    }
  }

  /** @param seconds how long the step took */
  end(seconds: number, failed: boolean): void {
    const took = `${failed ? 'failed after' : 'done in'} ${seconds.toFixed(1)} s`;
    this.keep(`  ${took}\n`);
    this.depth--;
    if (this.mode === 'verbose') this.terminal.write(`  ${took}\n`);
    if (this.depth > 0 || !this.step) return;
    const { title, lines, partial } = this.step;
    this.stop();
    if (this.mode === 'steps') this.terminal.write(`${failed ? '✖' : '✔'} ${title}  ${seconds.toFixed(1)} s\n`);
    if (!failed || this.mode === 'verbose') return;
    if (this.mode === 'quiet') this.terminal.write(`✖ ${title}\n`);
    for (const line of [...lines, partial].filter((each) => each.trim() !== '').slice(-TAIL)) this.terminal.write(`  │ ${line.trimEnd()}\n`);
    if (this.log) this.terminal.write(`  Log: ${this.log}\n`);
  }

  /** Ends the updating line, for example before the program ends. */
  stop(): void {
    clearInterval(this.step?.timer);
    if (this.step?.timer) this.terminal.write('\r\u001b[K');
    this.step = undefined;
  }

  private above(text: string): void {
    const updating = this.step?.timer !== undefined;
    this.terminal.write(`${updating ? '\r\u001b[K' : ''}${text}\n`);
    if (updating) this.update();
  }

  private update(): void {
    if (!this.step) return;
    const { title, start, lines } = this.step;
    this.frame = (this.frame + 1) % FRAMES.length;
    const line = `${FRAMES[this.frame]} ${title}  ${((performance.now() - start) / 1000).toFixed(1)} s  ${(lines[lines.length - 1] ?? '').trim()}`;
    this.terminal.write(`\r${[...line].slice(0, (this.terminal.columns ?? 80) - 1).join('')}\u001b[K`);
  }

  private keep(text: string): void {
    if (this.log && fs.existsSync(path.dirname(this.log))) fs.appendFileSync(this.log, plain(text));
  }
}

/** Without colors and cursor movements. */
function plain(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '').replace(/\r\n?/g, '\n');
}

let current = new Display();

/** The display of this process. */
export function display(): Display {
  return current;
}

/** Replaces the display of this process. By default, all output is shown. */
export function show(replacement: Display): Display {
  current = replacement;
  return replacement;
}
