import { App, Aws, CfnCondition, CfnResource, Fn, LegacyStackSynthesizer, Stack, Token } from 'aws-cdk-lib';
import { CfnRepository, Repository } from 'aws-cdk-lib/aws-ecr';
import { Cluster, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnRecordSet, HostedZone } from 'aws-cdk-lib/aws-route53';
import { Exposure, FargateService, ImageRepository, ServerIdentity } from '../src';
import { Sections } from './helpers/intrinsics';
import { newCluster, newStack, Template } from './helpers/stack';
import { messageOf } from './helpers/wrong-input';

const image = ContainerImage.fromRegistry('nginx');

function told(build: (stack: Stack) => void): string {
  const stack = newStack();
  build(stack);
  return messageOf(() => Template.fromStack(stack));
}

describe('Two resources of one template with the same name fail synthesis', () => {
  test.each<[string, string, (stack: Stack) => void]>([
    ['repositories', "'RepositoryName' must be different for each AWS::ECR::Repository, got \"web\" for Stack/One/Resource/Resource and", stack =>
      ['One', 'Two'].forEach(id => new ImageRepository(stack, id, { repositoryName: 'web' }))],
    ['a repository of this library and one of aws-cdk', 'AWS::ECR::Repository', stack => {
      new ImageRepository(stack, 'One', { repositoryName: 'web' });
      new Repository(stack, 'Two', { repositoryName: 'web' });
    }],
    ['services of one cluster', 'AWS::ECS::Service', stack => {
      const cluster = newCluster(stack);
      ['One', 'Two'].forEach(id => new FargateService(stack, id, { cluster, containers: { web: { image } }, serviceName: 'web' }));
    }],
    ['load balancers', 'AWS::ElasticLoadBalancingV2::LoadBalancer', stack => {
      const cluster = newCluster(stack);
      ['One', 'Two'].forEach(id => new FargateService(stack, id, {
        cluster, containers: { web: { image, port: 80 } }, exposure: Exposure.publicHttp({ loadBalancerName: 'web' }),
      }));
    }],
    ['log groups', 'AWS::Logs::LogGroup', stack => {
      new ImageRepository(stack, 'Repository');
      ['One', 'Two'].forEach(id => new LogGroup(stack, id, { logGroupName: 'web' }));
    }],
    ['repositories whose name contains that of the stack', 'AWS::ECR::Repository', stack =>
      ['One', 'Two'].forEach(id => new ImageRepository(stack, id, { repositoryName: `${Aws.STACK_NAME}-web` }))],
    ['domain names', 'AWS::Route53::RecordSet', stack => {
      const cluster = newCluster(stack);
      const zone = HostedZone.fromHostedZoneAttributes(stack, 'Zone', { zoneName: 'example.com', hostedZoneId: 'Z1' });
      ['One', 'Two'].forEach(id => new FargateService(stack, id, {
        cluster, containers: { web: { image, port: 80 } }, exposure: Exposure.publicHttps(ServerIdentity.domain('a.example.com', zone)),
      }));
    }],
  ])('%s', (_, message, build) => {
    expect(told(build)).toContain(message);
  });

  test.each<[string, (stack: Stack) => void]>([
    ['without names', stack => ['One', 'Two'].forEach(id => new ImageRepository(stack, id))],
    ['with names that are tokens', stack =>
      ['One', 'Two'].forEach(id => new ImageRepository(stack, id, { repositoryName: Fn.importValue(id) }))],
    ['if a condition names only one', stack => {
      new ImageRepository(stack, 'Repository');
      new CfnCondition(stack, 'Named', { expression: Fn.conditionEquals(Fn.ref('AWS::Region'), 'eu-west-1') });
      ['One', 'Two'].forEach(id => new LogGroup(stack, id, { logGroupName: Token.asString(Fn.conditionIf('Named', 'web', Aws.NO_VALUE)) }));
    }],
    ['that are services of two clusters', stack => {
      const { vpc } = newCluster(stack);
      ['One', 'Two'].forEach(id => new FargateService(stack, id, {
        cluster: new Cluster(stack, `${id}Cluster`, { vpc }), containers: { web: { image } }, serviceName: 'web',
      }));
    }],
    ['that are weighted records of one domain name', stack => {
      new ImageRepository(stack, 'Repository');
      ['One', 'Two'].forEach(setIdentifier => new CfnRecordSet(stack, setIdentifier, {
        name: 'a.example.com.', type: 'A', hostedZoneId: 'Z1', resourceRecords: ['10.0.0.1'], ttl: '60', weight: 1, setIdentifier,
      }));
    }],
    ['if a condition creates only one', stack => {
      const create = new CfnCondition(stack, 'Create', { expression: Fn.conditionEquals(Fn.ref('AWS::Region'), 'eu-west-1') });
      ['One', 'Two'].forEach(id => {
        (new ImageRepository(stack, id, { repositoryName: 'web' }).node.findAll().find(each => each instanceof CfnRepository) as CfnRepository)
          .cfnOptions.condition = create;
      });
    }],
  ])('but not resources %s', (_, build) => {
    expect(told(build)).toBe('accepted');
  });

  test('but not in two stacks, which can be deployed to different regions', () => {
    const app = new App();
    ['One', 'Two'].forEach(id => new ImageRepository(new Stack(app, id), 'Repository', { repositoryName: 'web' }));
    expect(messageOf(() => app.synth())).toBe('accepted');
  });
});

describe('A task definition', () => {
  const service = (environment: { [name: string]: string }) => told(stack =>
    void new FargateService(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image, environment } } }));

  test('above 64 KiB fails synthesis', () => {
    expect(service({ CONFIG: 'x'.repeat(70_000) })).toMatch(
      /^Stack: 'containers' must fit into a task definition of 64 KiB, got at least 70\d{3} bytes in Stack\/Service\/TaskDefinition\/Resource\. Store large values/);
  });

  test('above 64 KiB in many variables, counted in bytes, fails synthesis', () => {
    expect(service(Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`CONFIG_${index}`, 'ä'.repeat(900)])))).toContain('64 KiB');
  });

  const definition = (properties?: object, type = 'AWS::ECS::TaskDefinition') => told(stack => {
    new ImageRepository(stack, 'Repository');
    new CfnResource(stack, 'Definition', { type, ...properties && { properties } });
  });

  test('of exactly 64 KiB is accepted, and one byte more is not', () => {
    expect(definition({ Family: 'x'.repeat(64 * 1024) })).toBe('accepted');
    expect(definition({ Family: 'x'.repeat(64 * 1024), Cpu: 'x' })).toContain('got at least 65537 bytes in Stack/Definition');
  });

  test('is measured without its tags, and any other value than text counts as nothing', () => {
    expect(definition({ Tags: [{ Key: 'a', Value: 'x'.repeat(70_000) }], Cpu: 1, Flag: true })).toBe('accepted');
    expect(definition()).toBe('accepted');
  });

  test('can be smaller than other resources', () => {
    expect(definition({ DisplayName: 'x'.repeat(70_000) }, 'AWS::SNS::Topic')).toBe('accepted');
  });

  test('of 60 KiB is accepted', () => {
    expect(service({ CONFIG: 'x'.repeat(60_000) })).toBe('accepted');
  });
});

describe('A template is checked', () => {
  test('also if it has a loop over resources', () => {
    expect(told(stack => {
      new ImageRepository(stack, 'Repository');
      new Sections(stack, { Resources: { 'Fn::ForEach::Topics': ['Name', ['A', 'B'], { 'Topic${Name}': { Type: 'AWS::SNS::Topic' } }] } });
    })).toBe('accepted');
  });

  test('also if it has null as a property', () => {
    expect(told(stack => {
      new ImageRepository(stack, 'Repository');
      new Sections(stack, { Resources: { Definition: { Type: 'AWS::ECS::TaskDefinition', Properties: { Cpu: null } } } });
    })).toBe('accepted');
  });

  test('and a resource without a construct is named by its logical ID', () => {
    expect(told(stack => {
      new ImageRepository(stack, 'Repository');
      const topic = (other: string) => ({ Type: 'AWS::SNS::Topic', Properties: { DisplayName: { Ref: other } } });
      new Sections(stack, { Resources: { First: topic('Second'), Second: topic('First') } });
    })).toMatch(/^Stack: 'dependencies' must not be circular, got First\n  which depends on Second\n  which depends on First\n/);
  });

  test('unless the synthesizer of the user writes none', () => {
    class NoTemplate extends LegacyStackSynthesizer {
      public override synthesize(): void { /* writes nothing */ }
    }
    const app = new App();
    new ImageRepository(new Stack(app, 'Stack', { synthesizer: new NoTemplate() }), 'Repository');
    expect(messageOf(() => app.synth())).toBe('accepted');
  });
});
