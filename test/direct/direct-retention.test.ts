import { App, Stack } from 'aws-cdk-lib';
import { Annotations, Match } from 'aws-cdk-lib/assertions';
import { DirectPushSynthesizer, ImageRepository, ImageSource, Retention } from '../../src';
import { APP } from '../helpers/stack';

const DAY = 24 * 3_600_000;
const NOW = new Date('2030-01-01');

/** A repository with one image, which is pushed directly unless it is mirrored. */
function published(retention: Retention, source = ImageSource.directory(APP)) {
  const app = new App({ defaultStackSynthesizer: new DirectPushSynthesizer() });
  const base = new Stack(app, 'Base');
  const repository = new ImageRepository(base, 'Repository', { repositoryName: 'team/web', retention });
  const { imageTagPrefix } = repository.publish('web', source, { scope: new Stack(app, 'Web') });
  return { base, repository, imageTagPrefix };
}

/** Whether the running image still exists after this number of failed deployments, one per day, each of which pushed an image. */
function staysAfter(failed: number, retention: Retention): boolean {
  const { repository, imageTagPrefix } = published(retention);
  const images = Array.from({ length: failed + 1 }, (_, at) => ({
    digest: `${at}`, tags: [`${imageTagPrefix}pushed-${String(at).padStart(20, '0')}`], pushedAt: new Date(NOW.getTime() + at * DAY),
  }));
  const decisions = repository.lifecycleSimulator.simulate(images, new Date(NOW.getTime() + (failed + 1) * DAY));
  return decisions.every(({ image }) => image.digest !== '0');
}

describe('a running image that was pushed directly', () => {
  test.each([1, 2, 9, 50])('survives as many failed deployments as keepForRollbackByPushDate(%i) keeps, and expires after one more, as documented', versions => {
    const retention = Retention.keepForRollbackByPushDate(versions);

    expect([versions, versions + 1].map(failed => staysAfter(failed, retention))).toEqual([true, false]);
  });

  test('survives forever by default, and with keepForRollback', () => {
    expect(staysAfter(200, Retention.keepForRollback(2))).toBe(true);
    expect(staysAfter(200, Retention.keepAll())).toBe(true);
  });
});

describe('a warning says that failed deployments can delete the running image', () => {
  const warnings = (stack: Stack) => Annotations.fromStack(stack).findWarning('*', Match.anyValue()).map(({ entry: { data } }) => String(data));

  test.each([1, 2, 9])('with %i versions', versions => {
    expect(warnings(published(Retention.keepForRollbackByPushDate(versions)).base)).toEqual([
      `Retention.keepForRollbackByPushDate(${versions}) counts pushes, including those of failed deployments: after ${versions + 1} failed deployments`
      + ` in a row, ECR deletes the running image. Keep at least 10 versions, or use Retention.keepForRollback(${versions}),`
      + ' which keeps all images that are pushed directly. [ack: cdk-container-delivery:fewVersions]',
    ]);
  });

  test.each<[string, () => Stack]>([
    ['with 10 versions', () => published(Retention.keepForRollbackByPushDate(10)).base],
    ['when all of them are kept', () => published(Retention.keepForRollback(2)).base],
    ['for a copied image, which gets a tag when it is deployed again', () => published(Retention.keepForRollbackByPushDate(2), ImageSource.registry('nginx:1.27')).base],
  ])('but there is no warning %s', (_, stack) => {
    expect(warnings(stack())).toEqual([]);
  });
});
