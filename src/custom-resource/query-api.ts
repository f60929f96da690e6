import { AwsCall, AwsServiceAddress, ServiceApi, ServiceError } from './aws';
import { XmlElement, elementAt, parseXml, textAt } from './xml';

/** A service of AWS with a query API: form data in requests, XML in responses. */
export interface QueryService extends AwsServiceAddress {
  readonly version: string;
}

/** A parameter: a text, a number, a list or a structure. Parameters without a value are not sent. */
export type QueryValue = string | number | undefined | readonly QueryValue[] | { readonly [name: string]: QueryValue };

/** The parameters of an operation. */
export interface QueryParameters {
  readonly [name: string]: QueryValue;
}

/** The query API of one service. */
export class QueryApi<Operation extends string> extends ServiceApi<Operation, QueryParameters, XmlElement | undefined, QueryService> {
  protected encode(operation: Operation, parameters: QueryParameters): Pick<AwsCall, 'headers' | 'body'> {
    return {
      headers: { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' },
      body: new URLSearchParams([['Action', operation], ['Version', this.service.version], ...pairsOf(parameters)]).toString(),
    };
  }

  protected decode(operation: Operation, body: string): XmlElement | undefined {
    const response = parseXml(body);
    if (response.name !== `${operation}Response`) throw new Error(`it is not a response to ${operation}`);
    return elementAt(response, `${operation}Result`);
  }

  protected decodeError(body: string): ServiceError {
    let error: XmlElement | undefined;
    try {
      error = elementAt(parseXml(body), 'Error');
    } catch {
      return {};
    }
    return { type: textAt(error, 'Code'), message: textAt(error, 'Message') };
  }
}

/** Flattens parameters as the query protocol does: `Actions.member.1.Type`. An empty list is sent as an empty text. */
function pairsOf(parameters: QueryParameters, prefix = ''): [string, string][] {
  return Object.entries(parameters).flatMap(([name, value]) => pairOf(`${prefix}${name}`, value));
}

function pairOf(name: string, value: QueryValue): [string, string][] {
  if (value === undefined) return [];
  if (typeof value !== 'object') return [[name, String(value)]];
  if (!Array.isArray(value)) return pairsOf(value as QueryParameters, `${name}.`);
  return value.length === 0 ? [[name, '']] : value.flatMap((each: QueryValue, index) => pairOf(`${name}.member.${index + 1}`, each));
}
