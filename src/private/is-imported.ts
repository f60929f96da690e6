import { IConstruct } from 'constructs';

/** Whether a resource is only referred to: what this app creates has a resource of CloudFormation as its default child. */
export function isImported(resource: IConstruct): boolean {
  return resource.node.defaultChild === undefined;
}
