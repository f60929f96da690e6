import { App, CfnElement, CfnOutput, CfnResource, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { CfnRepository, Repository } from 'aws-cdk-lib/aws-ecr';
import { Cluster, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { FargateService, ImageRepository, RepositoryMigration, Scaling, ServiceMigration } from '../../src';
import { OldConstruct } from '../../src/migration/old-construct';
import { existingVpc, newStack } from '../helpers/stack';

/** The logical ID of an `ecr.Repository` at a path of the deployed program. */
function deployedId(scope: Construct, path: string): string {
  const ids = path.split('/');
  const parent = ids.slice(0, -1).reduce((place, id) => place.node.tryFindChild(id) as Construct | undefined ?? new Construct(place, id), scope);
  const repository = new Repository(parent, ids[ids.length - 1]);
  return Stack.of(repository).getLogicalId(repository.node.defaultChild as CfnElement);
}

/** The logical ID that the new repository gets in the new program. */
function keptId(scope: Construct, path: string, place = scope): string {
  const repository = new ImageRepository(place, 'New');
  RepositoryMigration.fromRepository(scope, path).applyTo(repository);
  return Stack.of(repository).resolve((repository.node.defaultChild as CfnElement).logicalId);
}

test.each([
  'Repository', 'Team/Repository', 'Default', 'Default/Repository', 'Repository/Default', 'Resource', 'Resource/Repository', 'Team/Resource', 'Default/Resource',
  'my images', 'Team (old)/images-é', 'with.dots_and-dashes/web+api', '2/1', 'Web/Web', 'MyWeb/Web', `${'Long'.repeat(40)}/${'Name'.repeat(40)}`,
])('the logical ID at the path %j is the one of the deployed program', path => {
  expect(keptId(newStack(), path)).toBe(deployedId(newStack(), path));
});

test('an ID with a slash is written as in aws:cdk:path, with two dashes', () => {
  const stack = newStack();
  const deployed = stack.getLogicalId(new Repository(stack, 'shop/web').node.defaultChild as CfnElement);

  expect(keptId(newStack(), 'shop--web')).toBe(deployed);
});

describe('a stack that makes its own logical IDs', () => {
  class PrefixStack extends Stack {
    protected allocateLogicalId(element: CfnElement): string {
      return `Prefix${super.allocateLogicalId(element)}`;
    }
  }
  class TypeStack extends Stack {
    protected allocateLogicalId(element: CfnElement): string {
      const type = CfnResource.isCfnResource(element) ? element.cfnResourceType : 'Other';
      return `${type}${element.node.path}`.replace(/[^A-Za-z0-9]/g, '');
    }
  }
  class OwnStack extends Stack {
    public readonly asked: CfnElement[] = [];

    protected allocateLogicalId(element: CfnElement): string {
      this.asked.push(element);
      return super.allocateLogicalId(element);
    }
  }

  test.each([['by the usual rules with a prefix', PrefixStack], ['by type and path', TypeStack]])('%s keeps them', (_, Own) => {
    const stackIn = () => new Own(new Stage(new App(), 'Prod'), 'Shop');

    expect(keptId(stackIn(), 'Team/Repository')).toBe(deployedId(stackIn(), 'Team/Repository'));
  });

  test('of outputs keeps them too', () => {
    const [before, after] = [new TypeStack(new App(), 'Shop'), new TypeStack(new App(), 'Shop')];
    const deployed = before.getLogicalId(new CfnOutput(new Construct(before, 'Service'), 'Url', { value: 'x' }));
    const output = new CfnOutput(after, 'New', { value: 'x' });
    new OldConstruct(after, 'Service/Url').keepLogicalId(output, '');

    expect(after.resolve(output.logicalId)).toBe(deployed);
  });

  test('is asked with an element at the path of the deployed construct, which is not in the tree of the program', () => {
    const stack = new OwnStack(new App(), 'Shop');
    keptId(stack, 'Team/Repository');
    const [element] = stack.asked.filter(({ node }) => node.path.includes('Team'));

    expect(element.node.path).toBe('Shop/Team/Repository/Resource');
    expect(element.node.root).not.toBe(stack.node.root);
  });

  test('and renames them keeps the new names', () => {
    const [before, after] = [newStack(), newStack()];
    [before, after].forEach(stack => stack.renameLogicalId('TeamRepositoryE1C0AF23', 'Images'));

    expect([keptId(after, 'Team/Repository'), deployedId(before, 'Team/Repository')]).toEqual(['Images', 'Images']);
  });
});

describe('a nested stack', () => {
  const nestedIn = (parent: Stack) => new NestedStack(new Construct(parent, 'Group'), 'Nested');

  test('is the scope of the deployed construct', () => {
    expect(keptId(nestedIn(newStack()), 'Team/Repository')).toBe(deployedId(nestedIn(newStack()), 'Team/Repository'));
  });

  test('is found between the scope and the deployed construct', () => {
    const [before, after] = [newStack(), newStack()];
    const deployed = deployedId(nestedIn(before), 'Team/Repository');

    expect(keptId(after, 'Group/Nested/Team/Repository', nestedIn(after))).toBe(deployed);
  });

  test('is another stack than its parent, so a resource cannot move out of it', () => {
    const stack = newStack();
    nestedIn(stack);

    expect(() => keptId(stack, 'Group/Nested/Repository')).toThrow("'scope' must be in the stack of the repository");
  });
});

describe('the tree of the program', () => {
  const world = () => {
    const stack = newStack();
    const service = new FargateService(stack, 'Web', {
      cluster: new Cluster(stack, 'Cluster', { vpc: existingVpc(stack) }), containers: { web: { image: ContainerImage.fromRegistry('nginx') } },
      scaling: Scaling.between(1, 2).onCpu(50),
    });
    return { stack, service, images: new ImageRepository(stack, 'Images') };
  };
  const pathsIn = ({ node }: Stack) => node.findAll().map(each => each.node.path);

  test('stays as it is', () => {
    const { stack, service, images } = world();
    const paths = pathsIn(stack);
    ServiceMigration.fromFargateService(stack, 'Service', { taskDefinition: 'TaskDef', cpuPolicy: 'Cpu' }).applyTo(service);
    RepositoryMigration.fromRepository(stack, 'Repository').applyTo(images);

    expect(pathsIn(stack)).toEqual(paths);
  });

  test('can be locked', () => {
    const { stack, service, images } = world();
    stack.node.root.node.lock();
    ServiceMigration.fromFargateService(stack, 'Service', { taskDefinition: 'TaskDef', cpuPolicy: 'Cpu' }).applyTo(service);
    RepositoryMigration.fromRepository(stack, 'Team/Repository').applyTo(images);

    expect(stack.resolve((images.node.defaultChild as CfnRepository).logicalId)).toBe('TeamRepositoryE1C0AF23');
  });
});
