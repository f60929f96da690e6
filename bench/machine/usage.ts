import { readFileSync } from 'node:fs';

/** What a piece of work cost whoever did it. */
export interface Usage {
  readonly wallSeconds: number;
  /** User and system time, of children too. */
  readonly cpuSeconds: number;
  readonly peakRssBytes: number;
}

// What Linux counts in, on every architecture.
const TICKS_PER_SECOND = 100;

/** User and system time of a living process and of those of its children that have ended, in steps of 10 ms. */
export function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is a name that may contain spaces.
  const [utime, stime, cutime, cstime] = stat.slice(stat.lastIndexOf(')') + 2).split(' ').slice(11, 15).map(Number);
  return (utime + stime + cutime + cstime) / TICKS_PER_SECOND;
}

/** The most memory that a living process has held. */
export function peakRssBytesOf(pid: number): number {
  const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  if (line === null) throw new Error(`the kernel does not tell the peak memory of process ${pid}`);
  return Number(line[1]) * 1024;
}

/** Bytes that were sent over the loopback interface since the machine started, headers of all layers included. */
export function loopbackBytes(): number {
  return Number(readFileSync('/sys/class/net/lo/statistics/tx_bytes', 'utf8'));
}
