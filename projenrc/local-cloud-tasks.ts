import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

/**
 * `npm run demo` and `npm test`.
 *
 * Both use `local/start.mjs`, which needs only Node.js, so that they work in a fresh clone.
 */
export class LocalCloudTasks extends Component {
  constructor(project: NodeProject) {
    super(project);
    const bundle = { spawn: 'bundle' };
    project.addTask('demo', {
      description: 'The main job on a local cloud: deploy examples/hello and print its URL',
      env: { TSX_TSCONFIG_PATH: 'test/tsconfig.json' },
      exec: 'tsx local/demo.ts',
      receiveArgs: true,
    });
    project.addTask('local:package', {
      description: 'Pack the command that deploys any app to the local cloud, into dist/local',
      steps: [{ exec: 'tsx projenrc/local-command.ts' }, { exec: 'npm pack ./dist/local/package --silent --pack-destination dist/local' }],
    });
    project.addTask('local:types', {
      description: 'Write the resource types of the emulator into local/resource-types.ts',
      env: { TSX_TSCONFIG_PATH: 'test/tsconfig.json' },
      exec: 'tsx local/types.ts',
    });
    const bundled = project.addTask('e2e:bundled', {
      description: 'The end-to-end test, after "npx projen bundle"',
      // The validation of aws-cdk-lib takes seconds for each synthesis.
      env: { CDK_VALIDATION: 'false' },
      exec: 'jest --ci --config test/e2e/local-cloud.jest.json',
    });
    const clouds = project.addTask('e2e:clouds', {
      description: 'Registries in Azure and Google, with stand-ins for both clouds and real registries, after "npx projen bundle"',
      env: { CDK_VALIDATION: 'false' },
      exec: 'jest --ci --config test/e2e/clouds.jest.json',
    });
    project.addTask('e2e', {
      description: 'Deploy, change, redeploy and destroy on a local cloud',
      steps: [bundle, { spawn: bundled.name }],
    });
    // The first run compiles BuildKit, which takes minutes, so this is a separate job in the workflow.
    project.addTask('e2e:remote-build', {
      description: 'Remote builds on a local cloud, with a real BuildKit. Needs Go',
      env: { REMOTE_BUILDS: 'true', CDK_VALIDATION: 'false' },
      steps: [bundle, { exec: "jest --ci --config test/e2e/local-cloud.jest.json --testMatch '<rootDir>/test/e2e/remote-build.e2e.ts'" }],
    });
    project.addTask('unit', {
      description: 'The unit tests, after "npx projen bundle"',
      exec: 'jest --ci',
    });
    project.addTask('slow', {
      description: 'Tests that start many processes or a compiler, after "npx projen bundle"',
      exec: 'jest --ci --config test/jest/slow.json',
    });
    project.addTask('test:package', {
      description: 'Pack, install into an empty CDK app, synthesize (after a build)',
      exec: 'jest --ci --config test/e2e/package.jest.json',
    });
    project.addTask('test:all', {
      description: 'Unit tests, integration snapshots, templates, contracts with AWS, certification and the end-to-end test',
      steps: [
        bundle,
        // Deployments mostly wait. Tasks that can install packages on the machine are in one lane, or begin long after the end-to-end test.
        { exec: `node projenrc/lanes.mjs unit,slow,integ,lint:templates,contracts:bundled,certify,${clouds.name} ${bundled.name}` },
      ],
    });
    project.setScript('demo', 'node local/start.mjs demo');
    project.setScript('test', 'node local/start.mjs test:all');
    project.addGitIgnore('/.local-cloud/');
    project.addGitIgnore('/examples/**/cdk.out/');
  }
}
