import { handler } from '../../src/one-off-task/one-off-task.lambda';
import { AnswerBox } from '../helpers/cloudformation-answers';
import { RunCloud } from '../helpers/run-cloud';
import { runEvent } from '../helpers/run-scene';

test('the deployed Lambda handler runs a task and answers CloudFormation once', async () => {
  const environment = { ...process.env };
  const [cloud, answers] = [await RunCloud.start(), await AnswerBox.start()];
  jest.spyOn(console, 'log').mockImplementation(() => undefined);
  try {
    Object.assign(process.env, { AWS_ENDPOINT_URL: cloud.origin, AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret' });
    cloud.lives = [{ looks: 0 }];
    const event = runEvent({ RequestType: 'Create', ResponseURL: answers.address('request') });
    await handler(event, { getRemainingTimeInMillis: () => 900_000 });

    expect(answers.received('request')).toHaveLength(1);
    expect(answers.answerTo(event)).toMatchObject({ status: 'SUCCESS' });
    expect(cloud.tasks).toHaveLength(1);
  } finally {
    process.env = environment;
    await Promise.all([cloud.stop(), answers.stop()]);
  }
});
