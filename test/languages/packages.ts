import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ask, install, MissingTool, run } from '../../local/process';

const PROJECT = path.join(__dirname, '..', '..');
/** Packages, virtual environment and class files. Deleted with `git clean`, created again on the next run. */
const FOLDER = path.join(PROJECT, '.languages');
const PACKAGES = path.join(FOLDER, 'packages');

const OLDEST_GO = [1, 25];
const GO_MODULE = 'github.com/cdk-container-delivery/cdk-container-delivery-go/cdkcontainerdelivery';

/** Runs a program of `examples` in its folder. The directory receives the cloud assembly. */
export type RunExample = (example: string, outdir: string) => Promise<unknown>;

/** The versions for the programs: those of the TypeScript templates. */
function versions(): { cdk: string; constructs: string; jsii: string } {
  const of = (name: string): string => JSON.parse(fs.readFileSync(path.join(PROJECT, 'node_modules', name, 'package.json'), 'utf8')).version;
  return { cdk: of('aws-cdk-lib'), constructs: of('constructs'), jsii: of('jsii-pacmak') };
}

function requireBuilt(): void {
  for (const file of ['.jsii', '.jsii.tabl.json', 'lib/index.js']) {
    if (!fs.existsSync(path.join(PROJECT, file))) throw new MissingTool(`${file} is missing. Run: npx projen languages`);
  }
}

/** Generates the packages of all languages, and returns their folder. */
export async function generatePackages(): Promise<string> {
  requireBuilt();
  fs.rmSync(PACKAGES, { recursive: true, force: true });
  const targets = ['python', 'java', 'go', 'dotnet'].flatMap(target => ['--target', target]);
  await run(path.join(PROJECT, 'node_modules', '.bin', 'jsii-pacmak'), [
    '--code-only', '--outdir', PACKAGES, '--rosetta-tablet', '.jsii.tabl.json', ...targets,
  ], { cwd: PROJECT });
  return PACKAGES;
}

async function runIn(folder: string, outdir: string, command: string, args: string[]): Promise<string> {
  return run(command, args, { cwd: folder, env: { ...process.env, CDK_OUTDIR: outdir, CDK_CONTEXT_JSON: undefined } });
}

const exampleFolder = (example: string, language: string) => path.join(PROJECT, 'examples', example, language);

/** Installs the Python package in a virtual environment. */
export async function python(): Promise<RunExample> {
  const { cdk, constructs, jsii } = versions();
  if (!ask('python3', ['-c', 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 10))']).ok) {
    await install('No Python of at least 3.10 with venv', ['python3', 'python3-venv'], 'Install it, on macOS with: brew install python');
  }
  const requirements = [`aws-cdk-lib==${cdk}`, `constructs==${constructs}`, `jsii==${jsii}`];
  const environment = path.join(FOLDER, 'python', createHash('sha256').update(requirements.join()).digest('hex').slice(0, 8));
  const interpreter = path.join(environment, 'bin', 'python');
  const pip = (...args: string[]) => run(interpreter, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--no-compile', ...args]);
  if (!fs.existsSync(path.join(environment, 'complete'))) {
    await run('python3', ['-m', 'venv', '--clear', environment]);
    await pip(...requirements);
    fs.writeFileSync(path.join(environment, 'complete'), '');
  }
  await pip('--no-deps', '--force-reinstall', path.join(PACKAGES, 'python'));
  return (example, outdir) => runIn(exampleFolder(example, 'python'), outdir, interpreter, ['app.py']);
}

/** Compiles the sources of the Java package and all Java programs. */
export async function java(): Promise<RunExample> {
  const { cdk, constructs, jsii } = versions();
  if (!ask('javac', ['-version']).ok || !ask('mvn', ['--version']).ok) {
    await install('No Java development kit with Maven', ['default-jdk-headless', 'maven'], 'Install both, on macOS with: brew install openjdk maven');
  }
  const folder = path.join(FOLDER, 'java');
  const classes = path.join(folder, 'classes');
  fs.rmSync(classes, { recursive: true, force: true });
  fs.mkdirSync(classes, { recursive: true });
  const dependency = ([group, artifact, version]: readonly string[]) =>
    `<dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
  const dependencies = [
    ['software.amazon.awscdk', 'aws-cdk-lib', cdk], ['software.constructs', 'constructs', constructs], ['software.amazon.jsii', 'jsii-runtime', jsii],
    ['org.jetbrains', 'annotations', '19.0.0'], ['javax.annotation', 'javax.annotation-api', '1.3.2'],
  ];
  fs.writeFileSync(path.join(folder, 'pom.xml'), [
    '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>',
    '<groupId>examples</groupId><artifactId>examples</artifactId><version>0</version>',
    `<dependencies>${dependencies.map(dependency).join('\n')}</dependencies></project>`,
  ].join('\n'));
  const classPathFile = path.join(folder, 'classpath');
  await run('mvn', [
    '-q', '-B', '-f', path.join(folder, 'pom.xml'), 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath', `-Dmdep.outputFile=${classPathFile}`,
  ]);
  const classPath = [classes, fs.readFileSync(classPathFile, 'utf8').trim()].join(path.delimiter);
  const sources = path.join(PACKAGES, 'java', 'src', 'main');
  fs.cpSync(path.join(sources, 'resources'), classes, { recursive: true });
  const files = [path.join(sources, 'java'), path.join(PROJECT, 'examples')].flatMap(root =>
    fs.readdirSync(root, { recursive: true, encoding: 'utf8' }).filter(file => file.endsWith('.java')).map(file => path.join(root, file)));
  const list = path.join(folder, 'sources');
  fs.writeFileSync(list, files.join('\n'));
  await run('javac', ['-nowarn', '-proc:none', '-encoding', 'UTF-8', '-d', classes, '-cp', classPath, `@${list}`]);
  return (example, outdir) => runIn(exampleFolder(example, 'java'), outdir, 'java', ['-cp', classPath, example[0].toUpperCase() + example.slice(1)]);
}

/** Compiles all Go programs with the Go package. */
export async function go(examples: readonly string[]): Promise<RunExample> {
  const { cdk, constructs, jsii } = versions();
  const found = /go(\d+)\.(\d+)/.exec(ask('go', ['version']).out)?.slice(1).map(Number);
  if (!found || found[0] < OLDEST_GO[0] || (found[0] === OLDEST_GO[0] && found[1] < OLDEST_GO[1])) {
    throw new MissingTool(`No Go of at least ${OLDEST_GO.join('.')}. Install it as described on https://go.dev/doc/install`);
  }
  const library = path.join(PACKAGES, 'go', 'cdkcontainerdelivery');
  // jsii-pacmak lists the versions that npm resolved. Some of them do not exist as a Go module, and `go mod tidy` finds the right ones.
  const goMod = path.join(library, 'go.mod');
  fs.writeFileSync(goMod, fs.readFileSync(goMod, 'utf8').replace(/^.*\/\/ indirect\n/gm, ''));

  const folder = path.join(FOLDER, 'go');
  fs.rmSync(folder, { recursive: true, force: true });
  for (const example of examples) {
    fs.cpSync(exampleFolder(example, 'go'), path.join(folder, example), { recursive: true });
  }
  fs.writeFileSync(path.join(folder, 'go.mod'), [
    'module examples', `go ${OLDEST_GO.join('.')}`, 'require (', `github.com/aws/aws-cdk-go/awscdk/v2 v${cdk}`,
    `github.com/aws/constructs-go/constructs/v10 v${constructs}`, `github.com/aws/jsii-runtime-go v${jsii}`, `${GO_MODULE} v0.0.0`, ')',
    `replace ${GO_MODULE} => ${library}`, '',
  ].join('\n'));
  await run('go', ['mod', 'tidy'], { cwd: folder });
  await run('go', ['build', '-o', 'bin/', './...'], { cwd: folder });
  return (example, outdir) => runIn(exampleFolder(example, 'go'), outdir, path.join(folder, 'bin', example), []);
}
