import { EcrHost, parseEcrHost } from './ecr-host';
import { propertyText } from './property-text';

/** A repository of ECR, as handlers ask for it. */
export interface EcrRepository {
  readonly registry: EcrHost;
  readonly repositoryName: string;
}

/** The property `Repository` of a custom resource: `host/repository`. Throws a sentence when it is none of ECR. */
export function repositoryIn(properties: Readonly<Record<string, unknown>>): EcrRepository {
  const repository = propertyText(properties, 'Repository', value => value.includes('/'), 'a repository of ECR');
  const slash = repository.indexOf('/');
  const registry = parseEcrHost(repository.slice(0, slash));
  if (registry === undefined) throw new Error("the property 'Repository' is not a repository of ECR");
  return { registry, repositoryName: repository.slice(slash + 1) };
}
