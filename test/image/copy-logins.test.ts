import { App, CfnParameter, Lazy, NestedStack, Stack } from 'aws-cdk-lib';
import { ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { ExternalRegistry, ImageRepository, ImageSource } from '../../src';
import { checkAllowed, decodeCopy } from '../../src/copy/handler/decode';
import { APP, newStack, Template } from '../helpers/stack';
import { messageOf } from '../helpers/wrong-input';

const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:';
const PARAMETERS = { Image: 'param.example/team/web:v1', TokenHost: 'tokens.param.example', Tag: 'v1' };
const KNOWN: Readonly<Record<string, string>> = {
  ...PARAMETERS, 'AWS::AccountId': '111122223333', 'AWS::Region': 'eu-west-1', 'AWS::Partition': 'aws', 'AWS::URLSuffix': 'amazonaws.com',
};

const secretOf = (stack: Stack, name: string) => Secret.fromSecretCompleteArn(stack, name, `${ARN}${name}-AbCdEf`);
const registry = (reference: string, credentials?: ISecret, tokenHost?: string) => ImageSource.registry(reference, { credentials, tokenHost });

/** The value of a template after CloudFormation has resolved it. */
function evaluated(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(evaluated);
  if (typeof value !== 'object' || value === null) return value;
  const [[name, argument] = ['', ''], ...others] = Object.entries(value);
  if (others.length > 0 || !/^(Ref|Fn::)/.test(name)) return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, evaluated(each)]));
  const given = evaluated(argument);
  if (name === 'Fn::Join' && Array.isArray(given)) return given[1].join(given[0]);
  if (name === 'Fn::Split' && Array.isArray(given)) return given[1].split(given[0]);
  if (name === 'Fn::Select' && Array.isArray(given)) return given[1][Number(given[0])];
  const text = String(given);
  if (name === 'Fn::Sub') return text.replace(/\$\{([\w:]+)\}/g, (_, each: string) => KNOWN[each]);
  if (text.startsWith('Repository')) return text.endsWith('Arn') ? 'arn:aws:ecr:eu-west-1:111122223333:repository/web' : text.endsWith('DigestHex') ? 'a'.repeat(64) : 'web';
  // The names of the secrets are arbitrary, but must be the same everywhere.
  return KNOWN[text] ?? `${ARN}${text.replace(/[^\w-]/g, '')}`;
}

/** The environment of the copy function, and what each image requires from it. */
function deployed(stack: Stack) {
  const template = Template.fromStack(stack);
  const [{ Properties: { Environment } }] = Object.values(template.findResources('AWS::Lambda::Function', {
    Properties: { Description: 'Copies container images during deployments' },
  }));
  const copies = Object.values(template.findResources('Custom::ContainerImageCopy')).map(({ Properties }) => evaluated(Properties) as Record<string, unknown>);
  return { environment: evaluated(Environment?.Variables ?? {}) as Record<string, string>, copies };
}

/** The logins of the only copy function of a stack. */
const loginsOf = (stack: Stack) => deployed(stack).environment.REGISTRY_LOGINS?.split(',');

describe('the environment of the copy function says which secret can be sent to which host:', () => {
  test('no variable if no image needs credentials', () => {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository');
    repository.buildAndPushImage(APP);
    repository.publish('nginx', registry('nginx:1.27'));

    expect(deployed(stack).environment).toEqual({});
  });

  test('the secret of a private registry, for pulls from its host', () => {
    const stack = newStack();
    new ImageRepository(stack, 'Repository').publish('web', registry('ghcr.io/team/web:v1', secretOf(stack, 'hub')));

    expect(loginsOf(stack)).toEqual([`source ${ARN}hub-AbCdEf ghcr.io`]);
  });

  test('Docker Hub by its real API host, and a host with its port', () => {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository');
    repository.publish('one', registry('team/web:v1', secretOf(stack, 'hub')));
    repository.publish('two', registry('registry.example.com:5000/web:v1', secretOf(stack, 'own')));

    expect(loginsOf(stack)).toEqual([`source ${ARN}hub-AbCdEf registry-1.docker.io`, `source ${ARN}own-AbCdEf registry.example.com:5000`]);
  });

  test('the token host is part of the pair', () => {
    const stack = newStack();
    new ImageRepository(stack, 'Repository').publish('web', registry('docker.elastic.co/web:v1', secretOf(stack, 'elastic'), 'docker-auth.elastic.co'));

    expect(loginsOf(stack)).toEqual([`source ${ARN}elastic-AbCdEf docker.elastic.co docker-auth.elastic.co`]);
  });

  test('the secret of a target registry, for pushes, even if it is added last', () => {
    const stack = newStack();
    const image = new ImageRepository(stack, 'Repository').publish('web', registry('ghcr.io/team/web:v1', secretOf(stack, 'hub')));
    image.publishTo(ExternalRegistry.oci({ host: 'ghcr.io', credentials: secretOf(stack, 'hub2'), tokenHost: 'tokens.example' }), { name: 'mirror/web' });

    expect(loginsOf(stack)).toEqual([`destination ${ARN}hub2-AbCdEf ghcr.io tokens.example`, `source ${ARN}hub-AbCdEf ghcr.io`]);
  });

  test('each pair once, for any number of images', () => {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository');
    for (let at = 0; at < 20; at++) repository.publish(`image${at}`, registry(`ghcr.io/team/web${at}:v1`, secretOf(new NestedStack(stack, `Scope${at}`), 'hub')));

    expect(loginsOf(stack)).toEqual([`source ${ARN}hub-AbCdEf ghcr.io`]);
  });

  test('in the same order, whatever the order of the images', () => {
    const build = (...names: string[]) => {
      const stack = newStack();
      const repository = new ImageRepository(stack, 'Repository');
      for (const name of names) repository.publish(name, registry(`${name}.example/web:v1`, new Secret(stack, name)));
      return loginsOf(stack);
    };
    expect(build('b', 'c', 'a')).toEqual(build('a', 'b', 'c'));
    expect(build('a', 'b', 'c')).toHaveLength(3);
  });

  test('a secret of another stack or a nested stack, with the name that the image uses', () => {
    const app = new App();
    const secrets = new Stack(app, 'Secrets');
    const stack = new Stack(app, 'Stack');
    new ImageRepository(stack, 'Repository').publish('web', registry('ghcr.io/team/web:v1', new Secret(secrets, 'Hub')));
    const { environment, copies: [copy] } = deployed(stack);

    expect(environment.REGISTRY_LOGINS).toBe(`source ${String(copy.SourceCredentials)} ghcr.io`);
  });
});

describe('the function accepts exactly the logins of its own template:', () => {
  /** All ways in which an image can need a login. */
  function everything(): Stack {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository');
    const [image, tokenHost, tag] = Object.keys(PARAMETERS).map(name => new CfnParameter(stack, name).valueAsString);
    const own = new Secret(stack, 'Own');
    repository.publish('plain', registry('nginx:1.27'));
    repository.publish('token', registry(image, own, tokenHost));
    repository.publish('late', registry(Lazy.string({ produce: () => 'late.example/a/b:v1' }), own));
    repository.publish('part', registry(`part.example/web:${tag}`, own));
    repository.publish('named', registry('named.example/web:v1', Secret.fromSecretNameV2(stack, 'Named', 'team/hub')));
    const web = repository.buildAndPushImage(APP);
    web.publishTo(ExternalRegistry.azure({ loginServer: 'team.azurecr.io', credentials: own }), { name: 'web' });
    web.publishTo(ExternalRegistry.oci({ host: 'push.example', credentials: own, tokenHost: 'tokens.example' }), { name: 'web' });
    return stack;
  }

  const outcome = (properties: Record<string, unknown>, environment: Record<string, string>) =>
    messageOf(() => checkAllowed(decodeCopy(properties), environment));

  const { environment, copies } = deployed(everything());
  const withSecret = copies.filter(each => 'SourceCredentials' in each || 'DestinationCredentials' in each);

  test('every image is copied', () => {
    expect(copies.map(each => outcome(each, environment))).toEqual(copies.map(() => 'accepted'));
    expect([copies.length, withSecret.length]).toEqual([8, 6]);
    expect(environment.REGISTRY_LOGINS).toContain(`${KNOWN.Image.split('/')[0]} ${KNOWN.TokenHost}`);
  });

  test('no secret is sent to the host of another image', () => {
    for (const one of withSecret) {
      for (const other of withSecret.filter(each => each !== one)) {
        const mixed: Record<string, unknown> = 'SourceCredentials' in one ? { ...one, Source: other.Source } : { ...one, Destination: other.Destination };
        if (mixed.Source === one.Source && mixed.Destination === one.Destination) continue;
        // A secret that two images share can be sent to the hosts of both, without a token host.
        const isShared = one.SourceCredentials === other.SourceCredentials && one.SourceTokenHost === other.SourceTokenHost
          && one.DestinationCredentials === other.DestinationCredentials && one.DestinationTokenHost === other.DestinationTokenHost;
        expect(outcome(mixed, environment) === 'accepted').toBe(isShared);
      }
    }
  });

  test.each(['SourceCredentials', 'DestinationCredentials'] as const)('no other secret is sent anywhere (%s)', name => {
    const others = withSecret.filter(each => name in each).map(each => ({ ...each, [name]: `${ARN}other-AbCdEf` }));
    expect(others.length).toBeGreaterThan(0);
    for (const other of others) expect(outcome(other, environment)).toMatch(/^this function may not send the secret/);
  });
});

describe('more logins than fit into the environment of a Lambda function', () => {
  /** That many registries, each with its own secret. */
  function mirrors(count: number, secret: (stack: Stack, name: string) => ISecret): Stack {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository');
    for (let at = 0; at < count; at++) repository.publish(`image${at}`, registry(`registry${at}.example.com/web:v1`, secret(stack, `credentials-${at}`)));
    return stack;
  }

  test('fail at synthesis, with the numbers and the fix', () => {
    expect(messageOf(() => Template.fromStack(mirrors(40, secretOf)))).toMatch(new RegExp(
      "\\[Stack/Repository/CopyHandler\\] 'credentials' must fit into 4096 bytes together with their hosts, which is what Lambda takes as environment of a function, "
      + 'got "40 pairs of secret and host with at least 4\\d\\d\\d bytes"\\. Use one secret for each registry, or publish some of the images into another repository',
    ));
  });

  test('are counted with their minimum length, so that nothing is rejected that would fit', () => {
    expect(loginsOf(mirrors(36, secretOf))).toHaveLength(36);
    // The ARNs of these secrets are tokens.
    expect(messageOf(() => Template.fromStack(mirrors(45, (stack, name) => new Secret(stack, name))))).toBe('accepted');
    expect(messageOf(() => Template.fromStack(mirrors(60, (stack, name) => new Secret(stack, name))))).toContain('60 pairs of secret and host with at least');
  });
});
