import { Annotations as AnnotationsOf, CfnParameter } from 'aws-cdk-lib';
import { Annotations } from 'aws-cdk-lib/assertions';
import { serviceWith } from '../../helpers/containers';
import { Match, newStack } from '../../helpers/stack';

const ID = 'cdk-container-delivery:secretInEnvironment';

function warnings(environment: object, stack = newStack()): string[] {
  serviceWith({ web: { environment } }, {}, { stack });
  return Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp(ID)).map(({ entry }) => String(entry.data));
}

describe('a password in the environment', () => {
  test.each([
    'PASSWORD', 'DB_PASSWORD', 'db_password', 'API_TOKEN', 'TOKEN', 'API_KEY', 'STRIPE_SECRET', 'SECRET_KEY', 'APIKEY', 'CREDENTIALS', 'PASSPHRASE',
  ])('named %s is reported, and its value is not shown', name => {
    const [warning, ...more] = warnings({ [name]: 'hunter2' });
    expect(warning).toContain(`The container 'web' has '${name}' in 'environment', which everyone with access to the task definition can read.`);
    expect(warning).not.toContain('hunter2');
    expect(more).toEqual([]);
  });

  test('is reported once for each container', () => {
    expect(warnings({ B_TOKEN: 'x', A_TOKEN: 'y' })).toEqual([expect.stringContaining('\'A_TOKEN\', \'B_TOKEN\'')]);
  });

  test('can be acknowledged at the stack before, or at the service after', () => {
    const before = newStack();
    AnnotationsOf.of(before).acknowledgeWarning(ID, 'It is a public token.');
    expect(warnings({ TOKEN: 'x' }, before)).toEqual([]);
    const { stack, service } = serviceWith({ web: { environment: { TOKEN: 'x' } } });
    AnnotationsOf.of(service).acknowledgeWarning(ID, 'It is a public token.');
    expect(Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp(ID))).toEqual([]);
  });

  test.each([
    'PUBLIC_KEY', 'SECRET_ARN', 'API_KEY_PARAMETER_NAME', 'TOKEN_URL', 'PASSWORD_FILE', 'KEYCLOAK_HOST', 'TOKENIZER', 'MONKEY', 'KEY_ID', 'PASSWORD_LENGTH',
  ])('is not reported for %s', name => {
    expect(warnings({ [name]: 'x' })).toEqual([]);
  });

  test('is not reported for an empty value or a token', () => {
    const stack = newStack();
    expect(warnings({ PASSWORD: '', TOKEN: new CfnParameter(stack, 'Token').valueAsString }, stack)).toEqual([]);
  });
});
