import { execFileSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';

// What a stranger gets: the packed tarball, in an app that knows nothing of this project.
const PROJECT = path.join(__dirname, '..', '..');
const DEVELOPED_ON = JSON.parse(fs.readFileSync(path.join(PROJECT, 'package.json'), 'utf8')).devDependencies;

const APP = `
const { App, Stack } = require('aws-cdk-lib');
const { Vpc } = require('aws-cdk-lib/aws-ec2');
const { Cluster } = require('aws-cdk-lib/aws-ecs');
const library = require('cdk-container-delivery');
const { BlobMounting, Exposure, FargateService, ImageRepository, RegistrySettings, RunOnce, ScanGate, Severity } = library;
Object.keys(library).forEach(name => { if (library[name] === undefined) throw new Error(name); });

const stack = new Stack(new App(), 'Stranger');
const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc') });
const image = new ImageRepository(stack, 'Repository').buildAndPushImage('./app', { scanGate: ScanGate.failOn(Severity.HIGH) });
new RegistrySettings(stack, 'Registry', { blobMounting: BlobMounting.enabled() });
new FargateService(stack, 'Service', { cluster, containers: { web: { image, port: 80 } }, exposure: Exposure.publicHttp() });
new RunOnce(stack, 'Migrate', { cluster, containers: { migrate: { image } } });
`;

let folder: string;
let tarball: string;

function run(command: string, args: string[], cwd = folder): string {
  return execFileSync(command, args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
}

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stranger-'));
  const packed = JSON.parse(run('npm', ['pack', '--json', '--silent', '--pack-destination', folder], PROJECT));
  tarball = path.join(folder, packed[0].filename);
});
afterAll(() => fs.rmSync(folder, { recursive: true, force: true }));

test('the package has the library, the handlers, API.md, README, LICENSE and the assembly, and nothing else', () => {
  const files = run('tar', ['--list', '--file', tarball]).trim().split('\n').map(file => file.replace('package/', ''));

  expect(files.filter(file => !file.startsWith('lib/')).sort()).toEqual([
    '.jsii', 'API.md', 'LICENSE', 'README.md', 'assets/copy/image-copy.lambda/index.js', 'assets/image-check/image-check.lambda/index.js',
    'assets/registry/blob-mounting.lambda/index.js', 'assets/run-once/run-once.lambda/index.js', 'assets/scanning/scan-gate.lambda/index.js',
    'package.json',
  ]);
  expect(files.filter(file => file.startsWith('lib/') && !/\.(js|d\.ts)$/.test(file))).toEqual([]);
  expect(files.filter(file => /lambda\.|engine|handler\//.test(file) && file.startsWith('lib/'))).toEqual([]);
});

test('the package needs nothing at run time but its two peers', () => {
  const manifest = JSON.parse(run('tar', ['--extract', '--to-stdout', '--file', tarball, 'package/package.json']));

  expect(manifest.dependencies ?? {}).toEqual({});
  expect(manifest.bundledDependencies ?? []).toEqual([]);
  expect(Object.keys(manifest.peerDependencies).sort()).toEqual(['aws-cdk-lib', 'constructs']);
});

test('installed into an empty CDK app, it synthesizes the right template', () => {
  fs.mkdirSync(path.join(folder, 'app'));
  fs.writeFileSync(path.join(folder, 'app', 'Dockerfile'), 'FROM scratch\nCOPY Dockerfile /\n');
  fs.writeFileSync(path.join(folder, 'app.js'), APP);
  fs.writeFileSync(path.join(folder, 'package.json'), '{ "name": "stranger", "private": true }');
  const peers = ['aws-cdk-lib', 'constructs'].map(name => `${name}@${DEVELOPED_ON[name]}`);
  run('npm', ['install', '--silent', '--no-audit', '--no-fund', tarball, ...peers]);

  const cdk = path.join(PROJECT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  run(process.execPath, [cdk, 'synth', '--app', 'node app.js', '--quiet', '--no-notices', '--no-version-reporting']);

  const out = path.join(folder, 'cdk.out');
  const { Resources } = JSON.parse(fs.readFileSync(path.join(out, 'Stranger.template.json'), 'utf8'));
  const types = Object.values<{ Type: string }>(Resources).map(resource => resource.Type);
  expect(types).toEqual(expect.arrayContaining([
    'AWS::ECR::Repository', 'Custom::ContainerImageCheck', 'Custom::ContainerImageCopy', 'Custom::ImageScanGate', 'Custom::RegistryBlobMounting',
    'Custom::ContainerRunOnce', 'AWS::ECS::Service',
  ]));
  expect(JSON.stringify(Resources)).toMatch(/@sha256:",\{"Fn::GetAtt":\["RepositoryImagesappScanGate[0-9A-F]{8}","DigestHex"\]/);
  expect(fs.readdirSync(out).some(name => fs.existsSync(path.join(out, name, 'index.js')))).toBe(true);
});
