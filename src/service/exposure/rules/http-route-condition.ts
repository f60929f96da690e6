/** What a condition looks at. */
export type RouteField = 'host' | 'path' | 'header' | 'query' | 'method' | 'sourceIp';

/** A part of a request, and what it may be. */
export interface RouteCondition {
  readonly field: RouteField;
  /** The name of the header or of the parameter. */
  readonly key?: string;
  readonly values: string[];
}
