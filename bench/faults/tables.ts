import { FaultResults, FaultSample, NO_FAULT } from './results';
import { markdownTable } from '../page';

/** The generated part of the page. */
export function report({ date, commit, runs, versions, samples }: FaultResults): string {
  const tools = [...new Set(samples.map(({ tool }) => tool))];
  const faults = [...new Set(samples.map(({ fault }) => fault))];
  const of = (tool: string, fault: string) => samples.filter(sample => sample.tool === tool && sample.fault === fault);
  const real = faults.filter(fault => fault !== NO_FAULT);
  const total = tools.map(tool => `**${real.filter(fault => of(tool, fault).every(({ end }) => end === 'recovered')).length} of ${real.length}**`);
  return [
    `Run on ${date} at commit ${commit}, every copy ${runs} ${runs === 1 ? 'time' : 'times'}; ${Object.entries(versions).map(pair => pair.join(': ')).join(', ')}.`,
    markdownTable(['one fault', ...tools], [
      ...faults.map(fault => [fault, ...tools.map(tool => cell(of(tool, fault)))]),
      ['recovered', ...total],
    ], tools.length + 1),
  ].join('\n\n');
}

/** The results, with the longest time; all of them if runs differ. */
function cell(samples: readonly FaultSample[]): string {
  const ends = [...new Set(samples.map(({ end }) => end))];
  const seconds = Math.max(...samples.map(sample => sample.seconds)).toFixed(1);
  const words = ends.map(end => {
    const count = samples.filter(sample => sample.end === end).length;
    return (end === 'recovered' && samples[0].fault === NO_FAULT ? 'copied' : end) + (ends.length === 1 ? '' : ` ${count} times`);
  }).join(', ');
  return ends.every(end => end === 'recovered') ? `${words}, ${seconds} s` : `**${words}**, ${seconds} s`;
}
