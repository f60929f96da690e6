import { invoke, Invocation, isSigned, registryActions, SECRET_KEY, SESSION_TOKEN, STACK_ID, digestOf, MANIFEST } from './cloud';
import { DeployedHandler, DeployedStack } from './deployed';
import { everyHandlerWithEveryPermission } from './everything';
import { python } from './python';
import { Scenario, SCENARIOS } from './scenarios';

/** An AWS call, as the models of botocore parse it. */
export interface Call {
  readonly service: string;
  readonly operation: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly problems: readonly string[];
  /** The enums in the response, such as `ecs:TaskStopCode`. */
  readonly outputEnums: readonly string[];
}

/** A scenario that ran, with its calls. */
export interface Run extends Invocation {
  readonly handler: DeployedHandler;
  readonly scenario: Scenario;
  readonly calls: readonly Call[];
  /** Requests to registries of ECR, by their IAM actions. */
  readonly registryCalls: readonly { readonly action: string; readonly resource: string }[];
}

/** The deployed app of all scenarios. */
export function deployed(): DeployedStack {
  const { app, stack } = everyHandlerWithEveryPermission();
  return new DeployedStack(app, stack, { DigestHex: digestOf(MANIFEST).slice('sha256:'.length), Tag: 'live-web.1', Before: 'DISABLED', LoadBalancerFullName: 'app/lb/1' });
}

/** Runs every scenario of every handler, three at a time, because they mostly wait. */
export async function runAll(handlers: readonly DeployedHandler[]): Promise<Run[]> {
  // Several functions can have the same bundle. Each one runs the scenarios of its custom resources.
  const waiting = handlers.flatMap(handler => (SCENARIOS[handler.handler] ?? [])
    .filter(({ resource }) => [...handler.resources.keys()].some(id => resource.test(id))).map(scenario => ({ handler, scenario })));
  const invoked: (Invocation & Pick<Run, 'handler' | 'scenario'>)[] = [];
  const worker = async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      const { handler, scenario } = next;
      invoked.push({ handler, scenario, ...await invoke(handler, eventOf(handler, scenario), scenario) });
    }
  };
  await Promise.all([worker(), worker(), worker()]);
  const signed = invoked.map(({ requests }) => requests.filter(isSigned));
  const calls = await python<Call[]>('requests.py', { what: 'check', requests: signed.flat(), secret: SECRET_KEY, token: SESSION_TOKEN });
  return invoked.map((each, position) => ({
    ...each,
    calls: calls.splice(0, signed[position].length),
    registryCalls: each.requests.flatMap(registryActions),
  }));
}

function eventOf(handler: DeployedHandler, { resource, event, properties }: Scenario): object {
  const [[id, given] = []] = [...handler.resources].filter(([each]) => resource.test(each));
  if (id === undefined || given === undefined) throw new Error(`${handler.functionName} has no custom resource like ${resource}`);
  return {
    RequestType: 'Update', StackId: STACK_ID, RequestId: 'request', LogicalResourceId: 'Resource', ResourceType: handler.types.get(id), PhysicalResourceId: 'physical',
    ResourceProperties: { ...given, ...properties }, ...event,
  };
}

