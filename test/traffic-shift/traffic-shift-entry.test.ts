import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { handler } from '../../src/traffic-shift/traffic-shift.lambda';
import { AnswerBox } from '../helpers/cloudformation-answers';
import { ruleProperties, STACK, TrafficScene } from '../helpers/traffic-scene';

test('the deployed Lambda handler creates a rule and answers CloudFormation once', async () => {
  const environment = { ...process.env };
  const { cloud } = new TrafficScene();
  const server = createServer((request, response) => void (async () => {
    const { status, body } = await cloud.send({ method: 'POST', url: new URL('http://elb'), headers: {}, body: await text(request), timeoutMilliseconds: 1000 });
    response.writeHead(status).end(body);
  })());
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  const answers = await AnswerBox.start();
  const log = jest.spyOn(console, 'log').mockImplementation(() => undefined);
  try {
    const AWS_ENDPOINT_URL = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    Object.assign(process.env, { AWS_ENDPOINT_URL, AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret' });
    const event = {
      RequestType: 'Create' as const, ResponseURL: answers.address('one'), StackId: STACK, RequestId: 'one', LogicalResourceId: 'Rule', ResourceProperties: ruleProperties(),
    };
    await handler(event, { getRemainingTimeInMillis: () => 300_000 });
    expect(answers.received('one')).toHaveLength(1);
    expect(answers.answerTo(event)).toMatchObject({ status: 'SUCCESS', physicalId: [...cloud.rules.keys()][0] });
    expect(JSON.stringify(log.mock.calls)).not.toContain('canary');
  } finally {
    process.env = environment;
    server.closeAllConnections();
    await Promise.all([answers.stop(), new Promise(resolve => server.close(resolve))]);
  }
});
