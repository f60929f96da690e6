import { Annotations as Notes, App, Aws, CfnParameter, Stack } from 'aws-cdk-lib';
import { Annotations } from 'aws-cdk-lib/assertions';
import { CfnRepository, Repository } from 'aws-cdk-lib/aws-ecr';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { DirectPushSynthesizer, ImageEncryption, ImageRepository, ImageRepositoryProps, ImageRoute, ImageSource, ImageTagMutability } from '../../src';
import { APP, Match, newStack, Template } from '../helpers/stack';
import { messageOf, told, wrong } from '../helpers/wrong-input';

const ENV = { account: '111122223333', region: 'eu-west-1' };
const keyArn = (region: string) => `arn:aws:kms:${region}:111122223333:key/12345678-1234-1234-1234-123456789012`;
const encryptionOf = (stack: Stack) => Object.values(Template.fromStack(stack).findResources('AWS::ECR::Repository'))[0].Properties.EncryptionConfiguration;

describe('images are encrypted', () => {
  test.each<[string, ImageRepositoryProps]>([
    ['by default', {}],
    ['explicitly, which does not replace a repository with the default', { encryption: ImageEncryption.aes256() }],
  ])('with AES256 %s', (_, props) => {
    const stack = newStack();
    new ImageRepository(stack, 'Repository', props);

    expect(encryptionOf(stack)).toBeUndefined();
  });

  test.each<[string, ImageEncryption]>([['KMS', ImageEncryption.kms()], ['KMS_DSSE', ImageEncryption.kmsDsse()]])('with %s and the AWS managed key', (type, encryption) => {
    const stack = newStack();
    new ImageRepository(stack, 'Repository', { encryption });

    expect(encryptionOf(stack)).toEqual({ EncryptionType: type });
  });

  test.each<[string, (key: Key) => ImageEncryption]>([
    ['KMS', key => ImageEncryption.kms(key)], ['KMS_DSSE', key => ImageEncryption.kmsDsse(key)],
  ])('with %s and a customer managed key', (type, encryption) => {
    const stack = newStack();
    new ImageRepository(stack, 'Repository', { encryption: encryption(new Key(stack, 'Key')) });

    expect(encryptionOf(stack)).toEqual({ EncryptionType: type, KmsKey: { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] } });
  });

  test('and principals need no permissions for the key to pull or push: ECR uses it through its own grants', () => {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository', { encryption: ImageEncryption.kms(new Key(stack, 'Key')) });
    repository.grantPullPush(new Role(stack, 'Role', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') }));
    repository.publish('web', ImageSource.directory(APP));

    expect(JSON.stringify(Template.fromStack(stack).findResources('AWS::IAM::Policy'))).not.toContain('kms:');
  });
});

describe('if encryption prevents mounting from the bootstrap repository', () => {
  const ID = 'cdk-container-delivery:layersAreStreamed';
  const KMS = { encryption: ImageEncryption.kms() };
  const warnings = (stack: Stack) => Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('.*')).map(({ id, entry }) => `${id} ${String(entry.data)}`);

  function publishing(source: ImageSource, props: ImageRepositoryProps = KMS): Stack {
    const stack = newStack();
    new ImageRepository(stack, 'Repository', props).publish('web', source);
    return stack;
  }

  test('a warning explains the cost and the alternatives', () => {
    expect(warnings(publishing(ImageSource.directory(APP)))).toEqual([
      '/Stack/Repository/Resource/Resource The repository is encrypted with KMS and the bootstrap repository with AES256, so ECR cannot mount layers from there: each '
      + 'new layer is streamed through the copy function, which takes longer and is stored twice. Push directly with DirectPushSynthesizer, which '
      + `copies nothing, use ImageEncryption.aes256(), or acknowledge this warning. [ack: ${ID}]`,
    ]);
  });

  test('there is one warning for a repository, however many images it gets', () => {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository', KMS);
    ['web', 'admin', 'worker'].forEach(id => repository.publish(id, ImageSource.directory(APP)));

    expect(warnings(stack)).toHaveLength(1);
  });

  test.each<[string, Stack]>([
    ['two layers of encryption', publishing(ImageSource.directory(APP), { encryption: ImageEncryption.kmsDsse() })],
    ['several platforms', publishing(ImageSource.directory(APP, { platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64] }))],
  ])('the warning also appears with %s', (_, stack) => {
    expect(warnings(stack)).toEqual([expect.stringContaining(ID)]);
  });

  test('the warning also appears with an escape hatch', () => {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository');
    (repository.node.defaultChild as CfnRepository).encryptionConfiguration = { encryptionType: 'KMS' };
    repository.publish('web', ImageSource.directory(APP));

    expect(warnings(stack)).toEqual([expect.stringContaining('is encrypted with KMS')]);
  });

  test.each(['before', 'after'])('the warning can be acknowledged %s images are published', order => {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository', KMS);
    if (order === 'after') repository.publish('web', ImageSource.directory(APP));
    Notes.of(repository).acknowledgeWarning(ID, 'Our images are small.');
    if (order === 'before') repository.publish('web', ImageSource.directory(APP));

    expect(warnings(stack)).toEqual([]);
  });

  test.each<[string, Stack]>([
    ['the bootstrap repository is encrypted alike', publishing(ImageSource.directory(APP), {})],
    ['the encryption of the source is unknown', publishing(ImageSource.ecr(Repository.fromRepositoryName(newStack(), 'Other', 'other'), 'v1'))],
    ['the image comes from another registry', publishing(ImageSource.registry('nginx:1.27'))],
  ])('there is no warning if %s', (_, stack) => {
    expect(warnings(stack)).toEqual([]);
  });

  test('there is no warning before an image is published', () => {
    const stack = newStack();
    new ImageRepository(stack, 'Repository', KMS);

    expect(warnings(stack)).toEqual([]);
  });

  test('there is no warning if the image is pushed directly', () => {
    const app = new App({ defaultStackSynthesizer: new DirectPushSynthesizer() });
    const [base, web] = [new Stack(app, 'Base'), new Stack(app, 'Web')];
    const image = new ImageRepository(base, 'Repository', { repositoryName: 'web', ...KMS }).publish('web', ImageSource.directory(APP), { scope: web });

    expect(image.route).toBe(ImageRoute.DIRECT);
    expect([...warnings(base), ...warnings(web)]).toEqual([]);
  });

  test('there is no warning if the image comes from another region, because mounting is impossible anyway', () => {
    const app = new App();
    const [base, web] = [new Stack(app, 'Base', { env: ENV }), new Stack(app, 'Web', { env: { ...ENV, region: 'us-east-1' } })];
    new ImageRepository(base, 'Repository', { repositoryName: 'web', ...KMS }).publish('web', ImageSource.directory(APP), { scope: web });

    expect(warnings(base)).toEqual([]);
  });

  test('there is no warning for an imported repository, whose encryption is unknown', () => {
    const stack = newStack();
    ImageRepository.fromRepositoryName(stack, 'Repository', 'web').publish('web', ImageSource.directory(APP));

    expect(warnings(stack)).toEqual([]);
  });
});

describe('wrong keys are rejected with path, property, value and fix:', () => {
  const created = (encryption: unknown, stack = newStack({ env: ENV })) =>
    messageOf(() => new ImageRepository(stack, 'Repository', { encryption: wrong(encryption) }));

  test('a key of another region', () => {
    const stack = newStack({ env: ENV });
    expect(created(ImageEncryption.kms(Key.fromKeyArn(stack, 'Key', keyArn('us-east-1'))), stack)).toBe(
      "Stack/Repository: 'encryption' must be in eu-west-1, the region of the stack, got \"us-east-1\". Use one that is there, or create it there.",
    );
  });

  test('a key for signing', () => {
    const stack = newStack({ env: ENV });
    const key = new Key(stack, 'Key', { keySpec: KeySpec.RSA_4096, keyUsage: KeyUsage.SIGN_VERIFY });
    expect(created(ImageEncryption.kmsDsse(key), stack)).toBe(
      "Stack/Repository: 'encryption' must have a key for symmetric encryption, got \"RSA_4096\". Create the key without a keySpec.",
    );
  });

  test.each<[string, unknown]>([
    ['its ARN', keyArn('eu-west-1')], ['null', null], ['an object', {}], ['a list', []], ['another construct', newStack()], ['a class', Key],
    ['something that only looks like one', { keyArn: keyArn('eu-west-1') }],
  ])('%s', (_, key) => {
    for (const encryption of [ImageEncryption.kms(wrong(key)), ImageEncryption.kmsDsse(wrong(key))]) {
      expect(created(encryption)).toMatch(told('encryption'));
      expect(created(encryption)).toContain("Pass the key itself, or kms.Key.fromKeyArn(this, 'Key', arn).");
    }
  });

  test.each<[string, unknown]>([
    ['null', null], ['its name', 'KMS'], ['a truth', true], ['an object', {}], ['the class', ImageEncryption], ['a factory', ImageEncryption.kms],
    ['a key', new Key(newStack(), 'Key')], ['tags', ImageTagMutability.immutable()],
  ])('%s instead of an encryption', (_, value) => {
    expect(created(value)).toMatch(told('encryption'));
    expect(created(value)).toContain('Call the factory, e.g. ImageEncryption.kms().');
  });

  test.each<[string, (stack: Stack) => Key | ReturnType<typeof Key.fromKeyArn>]>([
    ['a new one', stack => new Key(stack, 'Key')],
    ['the default one', stack => new Key(stack, 'Key', { keySpec: KeySpec.SYMMETRIC_DEFAULT })],
    ['an imported one', stack => Key.fromKeyArn(stack, 'Key', keyArn('eu-west-1'))],
    ['one whose region is a token', stack => Key.fromKeyArn(stack, 'Key', keyArn(Aws.REGION))],
    ['one that is a token', stack => Key.fromKeyArn(stack, 'Key', new CfnParameter(stack, 'Arn').valueAsString)],
  ])('but not %s', (_, key) => {
    for (const stack of [newStack({ env: ENV }), newStack()]) {
      expect(created(ImageEncryption.kms(key(stack)), stack)).toBe('accepted');
    }
  });
});
