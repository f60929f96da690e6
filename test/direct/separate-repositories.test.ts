import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { DirectPushSynthesizer, FargateService, ImageRepository, ImageRoute } from '../../src';
import { APP, newCluster } from '../helpers/stack';

test('probe', () => {
  const app = new App({ defaultStackSynthesizer: new DirectPushSynthesizer({ separateRepositories: true }) });
  const web = new Stack(app, 'Web');
  const repository = new ImageRepository(web, 'Repository');
  const image = repository.buildAndPushImage(APP);
  new FargateService(web, 'Service', { cluster: newCluster(web), containers: { web: { image, port: 8080 } } });
  expect([image.routeReason, image.route]).toEqual([expect.anything(), ImageRoute.DIRECT]);
  const assembly = app.synth();
  console.log(JSON.stringify(assembly.manifest.artifacts, undefined, 1).slice(0, 6000));
  console.log(JSON.stringify(Template.fromStack(Stack.of(repository)).toJSON(), undefined, 1));
  console.log(JSON.stringify(Template.fromStack(web).findResources('AWS::ECS::TaskDefinition'), undefined, 1));
});
