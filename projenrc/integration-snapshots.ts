import { Component } from 'projen';
import { NodeProject } from 'projen/lib/javascript';

/**
 * `integ/integ.*.ts` apps and their committed templates.
 *
 * The snapshots are synthesized, not deployed: no AWS account is involved.
 */
export class IntegrationSnapshots extends Component {
  constructor(project: NodeProject) {
    super(project);
    // The newest runner. It reads the cloud assembly of aws-cdk-lib 2.262 only because of assembly-version.mjs.
    project.addDevDeps('@aws-cdk/integ-runner@2.197.10', '@aws-cdk/integ-tests-alpha@2.245.0-alpha.0');
    // Without these variables, the runner first looks for credentials on the network.
    const env = {
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'none',
      AWS_SECRET_ACCESS_KEY: 'none',
      // cfn-lint checks the templates.
      CDK_VALIDATION: 'false',
    };
    const runner = 'integ-runner --directory integ --language typescript --app "node --import tsx --import $PWD/projenrc/assembly-version.mjs {filePath}"';
    const tsx = { TSX_TSCONFIG_PATH: 'test/tsconfig.json' };
    project.addTask('integ', {
      description: 'Compare the integration apps with their snapshots',
      env: { ...env, ...tsx },
      exec: runner,
      receiveArgs: true,
    });
    project.addTask('integ:update', {
      description: 'Rewrite the snapshots (synthesized, not deployed)',
      env: { ...env, ...tsx },
      steps: [
        { exec: `${runner} --update-on-failed --dry-run --parallel-regions us-east-1`, receiveArgs: true },
        { exec: 'node projenrc/strip-snapshot-traces.mjs' },
      ],
    });
    // Their names do not begin with "integ.", so the snapshots do not include them.
    project.addTask('integ:aws', {
      description: 'Deploy the apps of integ/account to the account of the current credentials (-- --list, --only, --yes, --keep, --endpoint local)',
      env: tsx,
      steps: [{ spawn: 'bundle' }, { exec: 'node --import tsx integ/account/run.ts', receiveArgs: true }],
    });
    project.addGitIgnore('/integ/cdk-integ.out.*');
    project.addGitIgnore('/integ/**/*.snapshot/asset.*');
  }
}
