import { Fault, FaultRule } from './proxy';
import { NO_FAULT } from './results';

/** The operations of a tool on a blob. */
export interface Habits {
  /** This library sends a blob with the PUT that ends the upload, the others with a PATCH before it. */
  readonly sendsBlobsWith: 'PUT' | 'PATCH';
}

/** One fault that occurs once. */
export interface FaultCase {
  readonly name: string;
  /** The registry with the fault. */
  readonly side: 'source' | 'destination';
  /** @param layer the digest of the only layer */
  readonly rule?: (layer: string, habits: Habits) => FaultRule;
}

const BUSY = { status: 503, code: 'UNAVAILABLE' };
const BROKEN = { status: 500, code: 'UNKNOWN' };
const TOO_MANY = { status: 429, code: 'TOOMANYREQUESTS' };
const RETRY_AFTER_SECONDS = 2;

/** Common faults on the internet. */
export const CASES: readonly FaultCase[] = [
  { name: NO_FAULT, side: 'source' },
  { name: '503 for a manifest', side: 'source', rule: () => ({ method: 'GET', target: '/manifests/', fault: BUSY }) },
  { name: '500 for a layer', side: 'source', rule: layerRead(BROKEN) },
  { name: '429 with Retry-After for a layer', side: 'source', rule: layerRead({ ...TOO_MANY, retryAfterSeconds: RETRY_AFTER_SECONDS }) },
  { name: 'connection reset in the middle of a layer', side: 'source', rule: layerRead('reset in the answer') },
  { name: 'one wrong byte in a layer', side: 'source', rule: layerRead('one wrong byte in the answer') },
  { name: 'a layer that stops coming', side: 'source', rule: layerRead('stall in the answer') },
  { name: '503 when an upload is begun', side: 'destination', rule: () => ({ method: 'POST', target: '/blobs/uploads/', fault: BUSY }) },
  { name: 'connection reset in the middle of an upload', side: 'destination', rule: layerSent },
  {
    name: '500 when an upload is ended',
    side: 'destination',
    rule: layer => ({ method: 'PUT', target: `digest=${layer}`, fault: BROKEN }),
  },
  { name: '429 when the manifest is written', side: 'destination', rule: () => ({ method: 'PUT', target: '/manifests/', fault: TOO_MANY }) },
  { name: '503 when the manifest is written', side: 'destination', rule: () => ({ method: 'PUT', target: '/manifests/', fault: BUSY }) },
];

function layerRead(fault: Fault): FaultCase['rule'] {
  return layer => ({ method: 'GET', target: `/blobs/${layer}`, fault });
}

/** containers/image uploads the layer before the config. */
function layerSent(layer: string, { sendsBlobsWith }: Habits): FaultRule {
  const target = sendsBlobsWith === 'PUT' ? `digest=${layer}` : '/blobs/uploads/';
  return { method: sendsBlobsWith, target, fault: 'reset in the request' };
}
