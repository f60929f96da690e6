import { copyWork } from '../../../src/copy/handler/copy-work';
import { checkAllowed } from '../../../src/copy/handler/decode';
import { formatLogin, formatLogins } from '../../../src/copy/image-copy-properties';
import { Stack } from '../../helpers/cloudformation';
import { PASSWORD } from '../../helpers/cloudformation-function';
import { World, live } from '../../helpers/cloudformation-world';
import { TestClock } from '../../helpers/registry-clock';
import { image } from '../../helpers/registry-images';

const secretArn = (name: string) => `arn:aws:secretsmanager:us-east-1:111122223333:secret:${name}-AbCdEf`;
const [OLD, NEW] = [secretArn('old'), secretArn('new')];
const first = image('first');
const second = image('second');

let world: World;
let stack: Stack;
let read: string[];
/** The logins in the configuration of the function. */
let configured: string;

beforeEach(async () => {
  world = await World.offering({ first, second });
  stack = world.stack();
  read = [];
  const { host, origin } = world.registry;
  world.function.work = copyWork({
    clock: new TestClock(),
    credentials: { credentialsFor: async () => undefined },
    secret: async arn => {
      read.push(arn);
      return { username: 'AWS', password: PASSWORD };
    },
    check: order => checkAllowed(order, { REGISTRY_LOGINS: configured }),
    origins: () => ({ [host]: origin }),
  });
});
afterEach(async () => world.close());

/** The properties and the configuration of a template whose images need a secret, for source and target. */
function template(name: string, secret: string) {
  const { host } = world.registry;
  return {
    properties: world.properties(name, { SourceCredentials: secret, DestinationCredentials: secret }),
    logins: formatLogins((['source', 'destination'] as const).map(side => formatLogin({ side, by: secret, host }))),
  };
}

/** CloudFormation updates and restores the resources that a custom resource refers to before it sends the event. */
function functionFirst(...templates: readonly ReturnType<typeof template>[]): void {
  const { work } = world.function;
  if (work === undefined) throw new Error('there is no work');
  world.function.work = async (event, limits) => {
    configured = templates.find(({ properties }) => properties.SourceCredentials === event.ResourceProperties?.SourceCredentials)?.logins ?? '';
    return work(event, limits);
  };
}

test('a replaced secret is allowed by the update that replaces it, and the old one is no longer allowed', async () => {
  const [before, after] = [template('first', OLD), template('second', NEW)];
  functionFirst(before, after);

  expect(await stack.deploy(before.properties)).toBe('CREATE_COMPLETE');
  expect(await stack.deploy(after.properties)).toBe('UPDATE_COMPLETE');
  expect(new Set(read)).toEqual(new Set([OLD, NEW]));
  expect(configured).not.toContain(OLD);
});

test('a rollback sends the old pair, which the restored function allows', async () => {
  const [before, after] = [template('first', OLD), template('second', NEW)];
  functionFirst(before, after);
  await stack.deploy(before.properties);

  expect(await stack.deploy(after.properties, { thenFails: true })).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(stack.resource?.data).toMatchObject({ Tag: live(first) });
});

test('a rollback that reaches the new function fails with the pair, reads no secret, and can be continued', async () => {
  const [before, after] = [template('first', OLD), template('second', NEW)];
  configured = before.logins;
  await stack.deploy(before.properties);
  configured = after.logins;
  read = [];

  expect(await stack.deploy(after.properties, { thenFails: true })).toBe('UPDATE_ROLLBACK_FAILED');
  expect(new Set(read)).toEqual(new Set([NEW]));
  expect(world.answers.answerTo(stack.events[2])?.reason).toMatch(new RegExp(`^this function may not send the secret ${OLD} to 127\\.0\\.0\\.1:\\d+ as the source: `));

  configured = before.logins;
  expect(await stack.continueRollback()).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(stack.resource?.data).toMatchObject({ Tag: live(first) });
});
