import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Repository, RepositoryEncryption, RepositoryProps } from 'aws-cdk-lib/aws-ecr';
import { AccountPrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { ImageEncryption, ImageRepository, ImageRepositoryProps, LifecycleRule, RepositoryMigration } from '../../src';
import { Shared, templates } from '../helpers/migrations';
import { effectsOf } from '../helpers/replacements';
import { newStack } from '../helpers/stack';

interface Case {
  readonly name: string;
  readonly old: (shared: Shared) => RepositoryProps;
  readonly now: (shared: Shared) => ImageRepositoryProps;
  readonly then?: (repository: Repository | ImageRepository) => void;
}

const key = ({ stack }: Shared) => new Key(stack, 'Key');

const CASES: Case[] = [
  { name: 'no properties', old: () => ({}), now: () => ({}) },
  { name: 'a name', old: () => ({ repositoryName: 'shop/web' }), now: () => ({ repositoryName: 'shop/web' }) },
  {
    name: 'images that are deleted with it', old: () => ({ emptyOnDelete: true, removalPolicy: RemovalPolicy.DESTROY }),
    now: () => ({ emptyOnDelete: true, removalPolicy: RemovalPolicy.DESTROY }),
  },
  { name: 'AES256', old: () => ({ encryption: RepositoryEncryption.AES_256 }), now: () => ({ encryption: ImageEncryption.aes256() }) },
  { name: 'the KMS key of AWS', old: () => ({ encryption: RepositoryEncryption.KMS }), now: () => ({ encryption: ImageEncryption.kms() }) },
  { name: 'a KMS key', old: all => ({ encryptionKey: key(all) }), now: all => ({ encryption: ImageEncryption.kms(key(all)) }) },
  {
    name: 'lifecycle rules', old: () => ({ lifecycleRules: [{ maxImageAge: Duration.days(90) }] }),
    now: () => ({ lifecycleRules: [LifecycleRule.expireUntagged({ olderThan: Duration.days(90) })] }),
  },
  { name: 'a policy', old: () => ({}), now: () => ({}), then: repository => { repository.grantPull(new AccountPrincipal('222222222222')); } },
];

test.each(CASES.flatMap(each => ['Repository', 'Images'].map(id => [each.name, id, each] as const)))(
  'a repository with %s stays when %s takes it over', (_, id, { old, now, then }) => {
    const [before, after] = templates({}, all => {
      const repository = new Repository(all.scope, 'Repository', old(all));
      then?.(repository);
    }, all => {
      const repository = new ImageRepository(all.scope, id, now(all));
      RepositoryMigration.fromRepository(all.scope, 'Repository').applyTo(repository);
      then?.(repository);
    });
    const { replaced, deleted, created } = effectsOf(before, after);

    expect({ replaced, deleted, created }).toEqual({ replaced: [], deleted: [], created: [] });
  });

test('another encryption replaces the repository, and this test notices it', () => {
  const { replaced } = effectsOf(...templates({}, all => new Repository(all.scope, 'Repository'), all => {
    RepositoryMigration.fromRepository(all.scope, 'Repository').applyTo(new ImageRepository(all.scope, 'Images', { encryption: ImageEncryption.kms() }));
  }));

  expect(replaced).toEqual(['Repository22E53BBD']);
});

test('a repository with a path is found', () => {
  const stack = newStack();
  const repository = new ImageRepository(stack, 'Images');
  RepositoryMigration.fromRepository(stack, 'Team/Repository').applyTo(repository);

  expect(stack.resolve(repository.repositoryName)).toEqual({ Ref: 'TeamRepositoryE1C0AF23' });
});

test('an imported repository and one of another stack are reported', () => {
  const stack = newStack();
  const imported = ImageRepository.fromRepositoryName(stack, 'Imported', 'shop/web') as unknown as ImageRepository;

  expect(() => RepositoryMigration.fromRepository(stack, 'Repository').applyTo(imported)).toThrow('must be an ImageRepository of this app');
  expect(() => RepositoryMigration.fromRepository(newStack(), 'Repository').applyTo(new ImageRepository(stack, 'Images')))
    .toThrow("Stack/Images: 'scope' must be in the stack of the repository");
});
