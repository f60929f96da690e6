// The CDK CLI calls this instead of the app: the app gets the results of account lookups, as if they were in cdk.context.json.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const { LOCAL_APP, LOCAL_CONTEXT, CDK_CONTEXT_JSON = '{}' } = process.env;
// A feature flag that `cdk init` sets. With it, each VPC has a function that needs the AWS SDK, which the emulator does not have.
const restrict = { '@aws-cdk/aws-ec2:restrictDefaultSecurityGroup': false };
const context = { ...JSON.parse(readFileSync(LOCAL_CONTEXT, 'utf8')), ...JSON.parse(CDK_CONTEXT_JSON), ...restrict };
const { status, error } = spawnSync(LOCAL_APP, { shell: true, stdio: 'inherit', env: { ...process.env, CDK_CONTEXT_JSON: JSON.stringify(context) } });
if (error) console.error(error.message);
process.exitCode = status ?? 1;
