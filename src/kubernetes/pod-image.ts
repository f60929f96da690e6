import { ContainerDefinition } from 'aws-cdk-lib/aws-ecs';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { PublishedImage } from '../image/published-image';
import { reject } from '../private/validation';
import { ContainerOptions } from '../service/containers/container-options';

/** The name of an image in a manifest, and who was let pull it. */
export interface PodImage {
  readonly imageName: string;
  readonly grants: Grant[];
}

/** Kubernetes takes a string, and pulls with the roles of its nodes. */
export function podImage(scope: Construct, containerName: string, { image }: ContainerOptions, pullers: IGrantable[]): PodImage {
  if (PublishedImage._isPublishedImage(image)) {
    return { imageName: image.imageUri, grants: pullers.map(puller => image.repository.grantPull(puller)) };
  }
  // Whatever needs more of ECS than to be asked for its name cannot be pulled by Kubernetes.
  const { imageName, repositoryCredentials } = image.bind(scope, nobody(scope, containerName));
  if (repositoryCredentials !== undefined) {
    refuse(scope, containerName);
  }
  return { imageName, grants: [] };
}

function nobody(scope: Construct, containerName: string): ContainerDefinition {
  const definition: unknown = { taskDefinition: { obtainExecutionRole: () => refuse(scope, containerName) } };
  return definition as ContainerDefinition;
}

function refuse(scope: Construct, containerName: string): never {
  return reject(scope, {
    property: `containers.${containerName}.image`, must: 'be a PublishedImage, or a public image', got: 'an image that a role of ECS pulls',
    fix: 'Publish it, e.g. repository.publish(\'web\', ImageSource.ecr(other, \'v1\')).',
  });
}
