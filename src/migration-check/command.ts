#!/usr/bin/env node
import { execFileSync } from 'child_process';
import { checkStacks, reportOf } from './check-migration';
import { Severity } from './finding';
import { Cloud, deployedStack, newStack } from './read-templates';

const USAGE = `Usage: cdk-container-delivery check-migration [stack] [options]

Compares the deployed template of a stack with the new one before you deploy, and lists what would fail, get lost or change.
Nested stacks are compared too. Templates can be JSON or YAML.

  stack            the name, ID or path of a stack in the assembly; can be left out if there is one
  --deployed FILE  the deployed template: the output of "aws cloudformation get-template"
                   Without it, the command runs "aws cloudformation get-template --stack-name …" itself.
  --nested ID=FILE the deployed template of the nested stack with this logical ID; can be repeated. Write Outer/Inner=FILE for a nested stack in
                   a nested stack. Without it, the command asks AWS too, unless --deployed is given.
  --new FILE       the new template; without it, the one of the stack in the assembly
  --app FOLDER     the assembly that "cdk synth" has written (default: cdk.out)
  --json           print the findings as JSON

Exit code: 0 if nothing fails or gets lost, 1 if something does or a nested stack was not compared, 2 if a template cannot be read.
`;

/** The command-line arguments. */
interface Arguments {
  readonly stack?: string;
  readonly deployed?: string;
  readonly nested: ReadonlyMap<string, string>;
  readonly new?: string;
  readonly app: string;
  readonly json: boolean;
}

class UsageError extends Error {}

/** Runs the command. Returns the exit code. */
export function run(args: readonly string[], print: (text: string) => void, printError: (text: string) => void): number {
  if (args.length === 0 || args.includes('--help') || args.includes('-h')) {
    print(USAGE);
    return args.length === 0 ? 2 : 0;
  }
  try {
    const given = read(args);
    const { stack, ...deployed } = newStack(given);
    const findings = checkStacks(deployedStack(given, deployed, AWS), stack);
    print(given.json ? `${JSON.stringify(findings, undefined, 2)}\n` : reportOf(findings));
    return findings.some(({ severity }) => severity !== Severity.CHANGES) ? 1 : 0;
  } catch (error) {
    printError(`check-migration: ${(error as Error).message}\n${error instanceof UsageError ? `\n${USAGE}` : ''}`);
    return 2;
  }
}

function read([command, ...rest]: readonly string[]): Arguments {
  if (command !== 'check-migration') throw new UsageError(`Unknown command "${command}".`);
  const options: Record<string, string> = {};
  const nested = new Map<string, string>();
  let stack: string | undefined;
  let json = false;
  for (let index = 0; index < rest.length; index++) {
    const [name, inline] = /^(--[a-z]+)=(.*)$/s.exec(rest[index])?.slice(1) ?? [rest[index]];
    if (name === '--json') {
      json = true;
    } else if (['--deployed', '--nested', '--new', '--app'].includes(name)) {
      const value = inline ?? rest[++index];
      if (value === undefined) throw new UsageError(`${name} needs a value.`);
      if (name === '--nested') nested.set(...nestedFile(value));
      else options[name.slice(2)] = value;
    } else if (name.startsWith('-') || stack !== undefined) {
      throw new UsageError(`Unknown argument "${name}".`);
    } else {
      stack = name;
    }
  }
  return { stack, json, nested, app: options.app ?? 'cdk.out', deployed: options.deployed, new: options.new };
}

function nestedFile(value: string): [id: string, file: string] {
  const [, id, file] = /^([^=]+)=(.+)$/s.exec(value) ?? [];
  if (id === undefined) throw new UsageError(`--nested needs a logical ID and a file, e.g. --nested Database=database.json, and got "${value}".`);
  return [id, file];
}

const AWS: Cloud = {
  template: (stackName, region) => ask(['get-template', '--stack-name', stackName, '--output', 'json'], region, 'pass its output with --deployed FILE'),
  nestedStack: (stackName, logicalId, region) => ask(
    ['describe-stack-resource', '--stack-name', stackName, '--logical-resource-id', logicalId, '--query', 'StackResourceDetail.PhysicalResourceId', '--output', 'text'],
    region, `pass the deployed template of the nested stack with --nested ${logicalId}=FILE`,
  ).trim(),
};

function ask(args: readonly string[], region: string | undefined, otherwise: string): string {
  try {
    return execFileSync('aws', ['cloudformation', ...args, ...region === undefined ? [] : ['--region', region]], {
      encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'inherit'],
    });
  } catch {
    throw new Error(`"aws cloudformation ${args.slice(0, 3).join(' ')}" failed. Run it elsewhere, and ${otherwise}.`);
  }
}

if (require.main === module) {
  process.exitCode = run(process.argv.slice(2), text => process.stdout.write(text), text => process.stderr.write(text));
}
