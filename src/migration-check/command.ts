#!/usr/bin/env node
import { execFileSync } from 'child_process';
import { checkMigration, reportOf } from './check-migration';
import { Severity } from './finding';
import { deployedTemplate, newTemplate } from './read-templates';

const USAGE = `Usage: cdk-container-delivery check-migration [stack] [options]

Compares the deployed template of a stack with the new one before you deploy, and lists what would fail, get lost or change.

  stack            the name, ID or path of a stack in the assembly; can be left out if there is one
  --deployed FILE  the deployed template: the output of "aws cloudformation get-template"
                   Without it, the command runs "aws cloudformation get-template --stack-name …" itself.
  --new FILE       the new template; without it, the one of the stack in the assembly
  --app FOLDER     the assembly that "cdk synth" has written (default: cdk.out)
  --json           print the findings as JSON

Exit code: 0 if nothing fails or gets lost, 1 if something does, 2 if a template cannot be read.
`;

/** The command-line arguments. */
interface Arguments {
  readonly stack?: string;
  readonly deployed?: string;
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
    const { template, ...deployed } = newTemplate(given);
    const findings = checkMigration(deployedTemplate(given.deployed, deployed, getTemplate), template);
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
  let stack: string | undefined;
  let json = false;
  for (let index = 0; index < rest.length; index++) {
    const [name, inline] = /^(--[a-z]+)=(.*)$/s.exec(rest[index])?.slice(1) ?? [rest[index]];
    if (name === '--json') {
      json = true;
    } else if (['--deployed', '--new', '--app'].includes(name)) {
      const value = inline ?? rest[++index];
      if (value === undefined) throw new UsageError(`${name} needs a value.`);
      options[name.slice(2)] = value;
    } else if (name.startsWith('-') || stack !== undefined) {
      throw new UsageError(`Unknown argument "${name}".`);
    } else {
      stack = name;
    }
  }
  return { stack, json, app: options.app ?? 'cdk.out', deployed: options.deployed, new: options.new };
}

function getTemplate(stackName: string, region?: string): string {
  const inRegion = region === undefined ? [] : ['--region', region];
  try {
    return execFileSync('aws', ['cloudformation', 'get-template', '--stack-name', stackName, '--output', 'json', ...inRegion], {
      encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'inherit'],
    });
  } catch {
    throw new Error(`"aws cloudformation get-template --stack-name ${stackName}" failed. Run it elsewhere, and pass its output with --deployed FILE.`);
  }
}

if (require.main === module) {
  process.exitCode = run(process.argv.slice(2), text => process.stdout.write(text), text => process.stderr.write(text));
}
