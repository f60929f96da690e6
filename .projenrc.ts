import { awscdk, javascript } from 'projen';
import { ApiReference } from './projenrc/api-reference';
import { Benchmarks } from './projenrc/benchmarks';
import { Certification } from './projenrc/certification';
import { CodeStyle } from './projenrc/code-style';
import { DevelopmentFolders } from './projenrc/development-folders';
import { GitHubFiles } from './projenrc/github';
import { HandlerBundles } from './projenrc/handler-bundles';
import { IntegrationSnapshots } from './projenrc/integration-snapshots';
import { JsiiTargets } from './projenrc/jsii-targets';
import { Languages } from './projenrc/languages';
import { LocalCloudTasks } from './projenrc/local-cloud-tasks';
import { LockFile } from './projenrc/lock-file';
import { MutationTesting } from './projenrc/mutation-testing';
import { NewestAwsCdk } from './projenrc/newest-aws-cdk';
import { PackageContents } from './projenrc/package-contents';
import { PythonRequirements } from './projenrc/python-requirements';
import { ReadmeExamples } from './projenrc/readme-examples';
import { Soak } from './projenrc/soak';
import { SynthBenchmark } from './projenrc/synth-benchmark';
import { TemplateLint } from './projenrc/template-lint';

/** Folders with TypeScript that is neither the library nor its tests. */
const DEVELOPMENT = ['bench', 'examples', 'integ', 'local'];

const project = new awscdk.AwsCdkConstructLibrary({
  name: 'cdk-container-delivery',
  description: 'Build a Docker image, store it in your own ECR repository, and run it on ECS, EKS or Lambda with one cdk deploy',
  keywords: ['aws-cdk', 'container', 'docker', 'ecr', 'ecs', 'fargate', 'oci'],
  author: 'The cdk-container-delivery authors',
  authorAddress: 'cdk-container-delivery@example.com',
  authorOrganization: true,
  copyrightOwner: 'The cdk-container-delivery authors',
  repositoryUrl: 'https://github.com/cdk-container-delivery/cdk-container-delivery.git',
  license: 'Apache-2.0',
  stability: 'experimental',
  defaultReleaseBranch: 'main',
  packageManager: javascript.NodePackageManager.NPM,
  projenrcTs: true,
  projenVersion: '0.103.25',
  jsiiVersion: '~6.0.16',
  typescriptVersion: '~6.0.3',
  cdkVersion: '2.262.1',
  constructsVersion: '10.5.1',
  minNodeVersion: '20.0.0',
  devDeps: [
    '@aws-cdk/aws-service-spec@0.1.167',
    '@types/aws4@1.11.6',
    '@types/js-yaml@4.0.9',
    'aws-cdk@2.1148.1',
    'aws4@1.13.2',
    'cdk-docker-image-deployment@0.0.1034',
    'cdk-ecr-deployment@4.2.65',
    'cdk-nag@3.0.2',
    'dependency-cruiser@17.3.9',
    'deploy-time-build@0.4.10',
    'fast-check@4.10.2',
    'js-yaml@4.3.2',
    'token-injectable-docker-builder@2.0.4',
    'tsx@4.23.15',
  ],
  lambdaAutoDiscover: false,
  integrationTestAutoDiscover: false,
  sampleCode: false,
  github: false,
  // docs/api instead: API.md would have a megabyte.
  docgen: false,
  release: false,
  depsUpgrade: false,
  jestOptions: {
    updateSnapshot: javascript.UpdateSnapshot.NEVER,
    passWithNoTests: false,
    jestConfig: {
      collectCoverage: false,
      // By default Jest leaves one core idle, and many have two.
      maxWorkers: '100%',
      // A limit for what hangs, not a promise of speed.
      testTimeout: 60_000,
      // One process loads aws-cdk-lib once, and not once per test file.
      runtime: '<rootDir>/test/jest/runtime.cjs',
      testEnvironment: '<rootDir>/test/jest/environment.cjs',
      workerIdleMemoryLimit: '1500MB',
      globalSetup: '<rootDir>/test/helpers/scratch-setup.cjs',
      globalTeardown: '<rootDir>/test/helpers/scratch-teardown.cjs',
      moduleNameMapper: { '^cdk-container-delivery$': '<rootDir>/src' },
      modulePathIgnorePatterns: ['<rootDir>/.mutation/'],
    },
  },
  eslintOptions: {
    dirs: ['src'],
    devdirs: [...DEVELOPMENT, 'test', 'projenrc', '.projenrc.ts'],
    commandOptions: { fix: false },
  },
  tsconfigDev: {
    include: [...DEVELOPMENT, 'projenrc'].map(folder => `../${folder}/**/*.ts`).concat('../.projenrc.ts'),
    compilerOptions: { paths: { 'cdk-container-delivery': ['../src'] } },
  },
});

// Of 1.13.0 the binaries of most platforms could not be had, and `npm ci` refuses a lock file without them.
project.package.addField('overrides', { 'unrs-resolver': '1.12.2' });

// A bundle like the handlers: it compares two templates before a migration, and starts without aws-cdk-lib.
project.addBins({ 'cdk-container-delivery': 'assets/check-migration/index.js' });

// tsx compiles the unit tests. ts-jest is for the other test runs.
Object.assign(project.jest?.config ?? {}, { transform: {} });

project.compileTask.exec('node projenrc/lazy-index.mjs');

new LockFile(project);
new HandlerBundles(project);
new PythonRequirements(project);
new CodeStyle(project);
new DevelopmentFolders(project, DEVELOPMENT);
new IntegrationSnapshots(project);
new ReadmeExamples(project);
new ApiReference(project);
new Certification(project);
new LocalCloudTasks(project);
new Languages(project);
new Benchmarks(project);
new MutationTesting(project);
new NewestAwsCdk(project);
new Soak(project);
new SynthBenchmark(project);
new TemplateLint(project);
new PackageContents(project);
new JsiiTargets(project);
new GitHubFiles(project);

project.synth();
