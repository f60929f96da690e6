import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { Env } from './aws';

const PROJECT = path.resolve(__dirname, '..', '..');

/** The CDK CLI of this project. */
export const CDK_CLI: readonly string[] = [process.execPath, path.join(PROJECT, 'node_modules', 'aws-cdk', 'bin', 'cdk')];

/** The output of the CDK CLI, and whether it succeeded. */
export interface CdkResult {
  readonly ok: boolean;
  readonly output: string;
}

/** The result of one assertion. */
export interface AssertionResult {
  readonly name: string;
  /** The reason why it failed. */
  readonly problem?: string;
}

/** Runs the CDK CLI with the apps of the suite. */
export class Cdk {
  private readonly outputsFile: string;

  /**
   * @param command the executable and its first arguments
   * @param folder for the cloud assembly and the outputs
   * @param print receives the output immediately
   */
  constructor(private readonly command: readonly string[], private readonly folder: string, private readonly print: (text: string) => void) {
    this.outputsFile = path.join(folder, 'outputs.json');
  }

  /**
   * @param app the name of an app of the suite
   * @param stacks patterns of construct IDs; `undefined` is all of them
   */
  public deploy(app: string, context: Readonly<Record<string, string>>, env: Env, stacks?: string): Promise<CdkResult> {
    const values = Object.entries(context).flatMap(([key, value]) => ['--context', `${key}=${value}`]);
    const options = ['--require-approval', 'never', '--progress', 'events', '--outputs-file', this.outputsFile];
    return this.run(['deploy', stacks ?? '--all', ...options, ...values], app, env);
  }

  public destroy(app: string, env: Env): Promise<CdkResult> {
    return this.run(['destroy', '--all', '--force'], app, env);
  }

  /** A stack output of the newest deployment that succeeded. */
  public output(name: string): string | undefined {
    return this.outputs().find(([each]) => each === name)?.[1];
  }

  /**
   * The results of the assertions of the newest deployment that succeeded. A failed assertion is only an output: CloudFormation treats it
   * as a success, unless the assertion waits.
   */
  public assertions(): AssertionResult[] {
    return this.outputs().filter(([name]) => name.startsWith('AssertionResults')).map(([name, value]) => {
      const { status, message = 'no message' } = JSON.parse(value) as { status?: string; message?: string };
      return { name: name.replace(/^AssertionResults|[0-9a-f]{32}$/g, ''), problem: status === 'success' ? undefined : message.replace(/\s+/g, ' ') };
    });
  }

  private outputs(): [string, string][] {
    if (!fs.existsSync(this.outputsFile)) return [];
    const stacks = JSON.parse(fs.readFileSync(this.outputsFile, 'utf8')) as Record<string, Record<string, string>>;
    return Object.values(stacks).flatMap(outputs => Object.entries(outputs));
  }

  private async run(args: string[], app: string, env: Env): Promise<CdkResult> {
    const [executable, ...first] = this.command;
    const own = [
      '--app', `"${process.execPath}" --import tsx integ/account/app.ts`, '--output', path.join(this.folder, 'cdk.out'),
      '--no-notices', '--ci', '--no-version-reporting',
    ];
    const child = spawn(executable, [...first, ...args, ...own], {
      cwd: PROJECT,
      env: { TSX_TSCONFIG_PATH: path.join(PROJECT, 'test', 'tsconfig.json'), ...env, CDK_INTEG_APP: app, CDK_DISABLE_CLI_TELEMETRY: 'true' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        this.print(text);
      });
    }
    const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
    return { ok: code === 0, output: output.replace(/\s+/g, ' ') };
  }
}
