// A fake CDK CLI: records each call, and fails if the test says so.
import { appendFileSync, writeFileSync } from 'node:fs';

const args = process.argv.slice(2);
const { FAKE_LOG, FAKE_ENDPOINT, FAKE_FAILURES = '[]', FAKE_CHANGES, FAKE_ASSERTIONS, CDK_INTEG_APP, AWS_REGION, AWS_ACCESS_KEY_ID } = process.env;
const call = `${args[0]} ${CDK_INTEG_APP} ${args.filter((_, index) => args[index - 1] === '--context').join(' ')}`.trim();
appendFileSync(FAKE_LOG, `${JSON.stringify({ call, region: AWS_REGION, key: AWS_ACCESS_KEY_ID })}\n`);
const failure = JSON.parse(FAKE_FAILURES).find(({ when }) => call.includes(when));
// Long enough for a request of the watch.
await new Promise(resolve => setTimeout(resolve, 100));
if (failure !== undefined) {
  console.error(`${args[0]} failed:\n  ${failure.message}`);
  process.exit(1);
}
const outputs = args.indexOf('--outputs-file');
if (outputs > 0) writeFileSync(args[outputs + 1], JSON.stringify({
  Stack: { Endpoint: FAKE_ENDPOINT }, DeployAssert: JSON.parse(FAKE_ASSERTIONS),
}));
console.log(FAKE_CHANGES ?? 'CdkContainerIntegHello (no changes)');
