import { App, Stack, Stage } from 'aws-cdk-lib';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { ImageRepository, ImageSource } from '../../src';
import { APP } from '../helpers/stack';

const ACCOUNT = '111122223333';

describe('with cdk deploy --all, before an image is copied,', () => {
  test('the stack of its repository is deployed, in any region', () => {
    const app = new App();
    const base = new Stack(app, 'Z-Base', { env: { account: ACCOUNT, region: 'eu-west-1' } });
    const web = new Stack(app, 'A-Web', { env: { account: ACCOUNT, region: 'us-east-1' } });
    new ImageRepository(base, 'Repository', { repositoryName: 'team/web' }).buildAndPushImage(APP, { scope: web });

    expect(web.dependencies).toEqual([base]);
    expect(app.synth().stacks.map(({ id }) => id)).toEqual(['Z-Base', 'A-Web']);
  });

  test('the stack is deployed that pushes its asset', () => {
    const app = new App();
    const [assets, web] = [new Stack(app, 'Z-Assets'), new Stack(app, 'A-Web')];
    const asset = new DockerImageAsset(assets, 'Asset', { directory: APP });
    new ImageRepository(web, 'Repository').publish('web', ImageSource.asset(asset));

    expect(app.synth().stacks.map(({ id }) => id)).toEqual(['Z-Assets', 'A-Web']);
  });

  test('a stack that only imports the repository is not waited for', () => {
    const app = new App();
    const [imports, web] = [new Stack(app, 'Imports'), new Stack(app, 'Web')];
    ImageRepository.fromRepositoryName(imports, 'Imported', 'team/web').buildAndPushImage(APP, { scope: web });

    expect(web.dependencies).toEqual([]);
  });
});

test.each([
  ['another account', (app: App) => new Stack(app, 'Other', { env: { account: '444455556666', region: 'eu-west-1' } })],
  ['another stage', (app: App) => new Stack(new Stage(app, 'Production'), 'Other', { env: { account: ACCOUNT, region: 'eu-west-1' } })],
])('an asset of %s is rejected, because the copy function could not read it', (_, elsewhere) => {
  const app = new App();
  const web = new Stack(app, 'Web', { env: { account: ACCOUNT, region: 'eu-west-1' } });
  const asset = new DockerImageAsset(elsewhere(app), 'Asset', { directory: APP });

  expect(() => new ImageRepository(web, 'Repository').publish('web', ImageSource.asset(asset)))
    .toThrow(/^Web\/Repository\/Images\/web: 'asset' must be in the same stage and account, got ".*Other\/Asset"\. Create it there/);
});
