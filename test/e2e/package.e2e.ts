import { execFileSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { COMMAND, HANDLERS, bundleCommand, bundleHandler } from '../../projenrc/handler-bundle';
import { writeProject } from '../helpers/lock-file';

// The package of a user: the packed tarball, in an app outside of this project.
const PROJECT = path.join(__dirname, '..', '..');
const BUNDLES = [...HANDLERS, COMMAND];

const APP = `
const { App, NestedStack, Stack } = require('aws-cdk-lib');
const { Vpc } = require('aws-cdk-lib/aws-ec2');
const { Cluster } = require('aws-cdk-lib/aws-ecs');
const library = require('cdk-container-delivery');
const { AzureIdentity, BlobMounting, Deployment, Exposure, FargateService, GoogleIdentity, ImageBuilder, ImageRepository, OneOffFargateTask } = library;
const { AzureContainerRegistry, GoogleArtifactRepository, OutboundIdentityFederation, RegistrySettings, ScanGate, Severity } = library;
Object.keys(library).forEach(name => { if (library[name] === undefined) throw new Error(name); });

const stack = new Stack(new App(), 'Stranger');
const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc') });
const image = new ImageRepository(stack, 'Repository').buildAndPushImage('./app', { scanGate: ScanGate.failOn(Severity.HIGH) });
new ImageRepository(stack, 'Remote').buildAndPushImage('./app', { builder: ImageBuilder.codeBuild() });
new RegistrySettings(stack, 'Registry', { blobMounting: BlobMounting.enabled() });
new FargateService(stack, 'Service', {
  cluster, containers: { web: { image, port: 80 } }, exposure: Exposure.publicHttp(), deployment: Deployment.blueGreen(),
});
// In another stack than its image, a separate function checks it.
const nested = new NestedStack(stack, 'Nested');
new FargateService(nested, 'Service', { cluster: new Cluster(nested, 'Cluster', { vpc: new Vpc(nested, 'Vpc') }), containers: { web: { image } } });
new OneOffFargateTask(stack, 'Migrate', { cluster, containers: { migrate: { image } } });
new OutboundIdentityFederation(stack, 'Federation');
const id = '11111111-1111-4111-8111-111111111111';
new AzureContainerRegistry(stack, 'Azure', {
  identity: AzureIdentity.federated({ tenantId: id, clientId: id }), subscriptionId: id, resourceGroup: 'examples', location: 'westeurope',
});
new GoogleArtifactRepository(stack, 'Google', {
  identity: GoogleIdentity.federated({
    projectNumber: '123456789012', poolId: 'aws-pool', providerId: 'aws-outbound', serviceAccountEmail: 'images@my-project.iam.gserviceaccount.com',
  }),
  project: 'my-project', location: 'europe-west1', repositoryId: 'images',
});
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

test('the package contains the library, the handlers and the command with their NOTICE, README, LICENSE, NOTICE and the assembly, and nothing else', () => {
  const files = run('tar', ['--list', '--file', tarball]).trim().split('\n').map(file => file.replace('package/', ''));

  expect(files.filter(file => !file.startsWith('lib/')).sort()).toEqual([
    '.jsii', 'LICENSE', 'NOTICE', 'README.md', ...BUNDLES.flatMap(bundle => [`assets/${bundle}/NOTICE`, `assets/${bundle}/index.js`]),
    'package.json',
  ].sort());
  expect(files.filter(file => file.startsWith('lib/') && !/\.(js|d\.ts)$/.test(file))).toEqual([]);
  // The constructs use the platform names that the engine defines.
  expect(files.filter(file => /lambda\.|engine|handler\/|migration-check/.test(file) && file.startsWith('lib/')).sort())
    .toEqual(['lib/engine/platforms.d.ts', 'lib/engine/platforms.js']);
});

test.each(BUNDLES)('the package contains the bundle of %s as built from the sources, and the licenses of its content', bundle => {
  const { files, packages } = bundle === COMMAND ? bundleCommand() : bundleHandler(bundle);
  const packed = (file: string) => run('tar', ['--extract', '--to-stdout', '--file', tarball, `package/${file}`]);

  expect(packed(`assets/${bundle}/index.js`)).toBe(files['index.js']);
  for (const { name, version, text } of packages) {
    for (const notice of ['NOTICE', `assets/${bundle}/NOTICE`]) {
      expect(packed(notice)).toContain(`\n${name} ${version}\n`);
      expect(packed(notice)).toContain(text);
    }
  }
});

test('the package has no runtime dependencies except its two peers', () => {
  const manifest = JSON.parse(run('tar', ['--extract', '--to-stdout', '--file', tarball, 'package/package.json']));

  expect(manifest.dependencies ?? {}).toEqual({});
  expect(manifest.bundledDependencies ?? []).toEqual([]);
  expect(Object.keys(manifest.peerDependencies).sort()).toEqual(['aws-cdk-lib', 'constructs']);
});

test('in an empty CDK app, the installed package synthesizes the right template', () => {
  fs.mkdirSync(path.join(folder, 'app'));
  fs.writeFileSync(path.join(folder, 'app', 'Dockerfile'), 'FROM scratch\nCOPY Dockerfile /\n');
  fs.writeFileSync(path.join(folder, 'app.js'), APP);
  writeProject(folder, ['aws-cdk-lib', 'constructs']);
  run('npm', ['install', '--silent', '--no-audit', '--no-fund', tarball]);

  const cdk = path.join(PROJECT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
  run(process.execPath, [cdk, 'synth', '--app', 'node app.js', '--quiet', '--no-notices', '--no-version-reporting']);

  const out = path.join(folder, 'cdk.out');
  const { Resources } = JSON.parse(fs.readFileSync(path.join(out, 'Stranger.template.json'), 'utf8'));
  const types = Object.values<{ Type: string }>(Resources).map(resource => resource.Type);
  expect(types).toEqual(expect.arrayContaining([
    'AWS::CodeBuild::Project', 'AWS::ECR::Repository', 'Custom::ContainerImageBuild', 'Custom::ContainerImageCheck', 'Custom::ContainerImageCopy', 'Custom::ImageScanGate', 'Custom::RegistryBlobMounting',
    'Custom::ContainerOneOffTask', 'Custom::TrafficShiftRule', 'AWS::ECS::Service', 'Custom::OutboundIdentityFederation', 'Custom::AzureContainerRegistry',
    'Custom::GoogleArtifactRepository',
  ]));
  expect(JSON.stringify(Resources)).toMatch(/@sha256:",\{"Fn::GetAtt":\["RepositoryImagesappScanGate[0-9A-F]{8}","DigestHex"\]/);
  const assets = fs.readdirSync(out).filter(name => fs.existsSync(path.join(out, name, 'index.js')));
  expect(assets.map(name => fs.readdirSync(path.join(out, name)).sort())).toEqual(HANDLERS.map(() => ['NOTICE', 'index.js']));
});

test('the command of the installed package compares the app with itself, with its nested stack, and finds nothing', () => {
  const deployed = path.join('cdk.out', 'Stranger.template.json');

  expect(run(path.join(folder, 'node_modules', '.bin', 'cdk-container-delivery'), ['check-migration', 'Stranger', '--deployed', deployed]))
    .toBe('Nothing fails, gets lost or changes its meaning.\n');
});

describe('an app loads only the files of the package that it uses,', () => {
  const loaded = (use: string) => JSON.parse(run(process.execPath, ['-e', `
    const library = require('cdk-container-delivery');
    ${use};
    const files = Object.keys(require.cache).map(file => file.replaceAll('\\\\', '/').split('/cdk-container-delivery/lib/')[1]);
    console.log(JSON.stringify(files.filter(file => file !== undefined)));
  `])) as string[];

  test('so the package itself is one file', () => {
    expect(loaded('')).toEqual(['index.js']);
  });

  test('and a repository does not load services, Kubernetes or other clouds', () => {
    const files = loaded('library.ImageRepository');
    expect(files).toContain('repository/image-repository.js');
    expect(files.filter(file => /^(?:service|kubernetes|azure|google|registry)\//.test(file))).toEqual([]);
  });

  test('and ECMAScript modules can import each class by its name', () => {
    expect(run(process.execPath, ['--input-type=module', '-e', "import { FargateService, ImageRepository } from 'cdk-container-delivery'; console.log(FargateService.name, ImageRepository.name);"]))
      .toBe('FargateService ImageRepository\n');
  });
});
