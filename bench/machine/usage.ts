import { readFileSync } from 'node:fs';

/** The resource usage of a piece of work. */
export interface Usage {
  readonly wallSeconds: number;
  /** User and system time, including children. */
  readonly cpuSeconds: number;
  readonly peakRssBytes: number;
}

// The unit of Linux, on every architecture.
const TICKS_PER_SECOND = 100;

/** User and system time of a living process and of those of its children that have ended, in steps of 10 ms. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is a name that can contain spaces.
  const [utime, stime, cutime, cstime] = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 15).map(Number);
  return (utime + stime + cutime + cstime) / TICKS_PER_SECOND;
}

/** The peak memory of a running process. */
export function peakRssBytesOf(pid: number): number {
  const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (line === null) throw new Error(`the kernel does not tell the peak memory of process ${pid}`);
  return Number(line[1]) * 1024;
}

/** Bytes over the loopback interface since the machine started, including headers of all layers. */
export function loopbackBytes(): number {
  return Number(readFileSync('/sys/class/net/lo/statistics/tx_bytes', 'utf8'));
}
