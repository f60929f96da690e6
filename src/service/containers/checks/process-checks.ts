import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { checkBindable, checkList, checkObject } from '../../../private/check-types';
import { checkPattern, reject } from '../../../private/validation';
import type { ContainerOptions } from '../container-options';

const MAX_FILES = 10;

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html */
export function checkProcess(scope: IConstruct, container: string, options: ContainerOptions): void {
  checkTexts(scope, `${container}.command`, options.command);
  checkTexts(scope, `${container}.entryPoint`, options.entryPoint);
  if (options.workingDirectory !== undefined) {
    checkPattern(scope, {
      property: `${container}.workingDirectory`, value: options.workingDirectory, pattern: /^\/[^\0]*$/,
      must: 'be an absolute path', fix: 'Give a directory in the container such as "/app".',
    });
  }
  if (options.user !== undefined) {
    checkPattern(scope, {
      property: `${container}.user`, value: options.user, pattern: /^[A-Za-z0-9_][A-Za-z0-9_.-]*(:[A-Za-z0-9_][A-Za-z0-9_.-]*)?$/,
      must: 'be a user, or a user and a group, by name or number', fix: 'Give one such as "1000", "1000:1000" or "node".',
    });
  }
  checkLabels(scope, `${container}.dockerLabels`, options.dockerLabels);
  checkFiles(scope, `${container}.environmentFiles`, options.environmentFiles);
  checkBoolean(scope, `${container}.essential`, options.essential);
  checkBoolean(scope, `${container}.initProcessEnabled`, options.initProcessEnabled);
  checkBoolean(scope, `${container}.pseudoTerminal`, options.pseudoTerminal);
}

function checkTexts(scope: IConstruct, property: string, texts: string[] | undefined): void {
  if (texts === undefined || Token.isUnresolved(texts)) return;
  const fix = 'Give a list of texts such as ["node", "server.js"], or leave it out for the image\'s own.';
  checkList(scope, property, texts, fix);
  texts.forEach(value => checkPattern(scope, { property, value: value as string, pattern: /^/, must: 'be a list of texts', fix }));
}

function checkLabels(scope: IConstruct, property: string, labels: { [name: string]: string } = {}): void {
  const fix = 'Write dockerLabels: { name: \'value\' }, or leave it out.';
  checkObject(scope, property, labels, fix);
  for (const [name, value] of Object.entries(labels)) {
    checkPattern(scope, { property, value: name, pattern: /./, must: 'have names', fix });
    checkPattern(scope, { property: `${property}.${name}`, value, pattern: /^/, must: 'be a text', fix });
  }
}

function checkFiles(scope: IConstruct, property: string, files: unknown = []): void {
  const fix = 'Make one with ecs.EnvironmentFile.fromBucket(…) or ecs.EnvironmentFile.fromAsset(…).';
  checkList(scope, property, files, fix);
  if (files.length > MAX_FILES) {
    reject(scope, { property, must: `have at most ${MAX_FILES} files`, got: files.length, fix: 'Put the variables together into fewer files.' });
  }
  files.forEach(file => checkBindable(scope, file, { property, must: 'have ecs.EnvironmentFile objects', fix }));
}

function checkBoolean(scope: IConstruct, property: string, value: boolean | undefined): void {
  if (value !== undefined && typeof value !== 'boolean' && !Token.isUnresolved(value)) {
    reject(scope, { property, must: 'be true or false', got: value, fix: 'Give one of them without quotation marks, or leave it out.' });
  }
}
