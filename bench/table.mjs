import { readFile, writeFile } from 'node:fs/promises';

/**
 * @typedef {object} Row
 * @property {string} name
 * @property {number} ours
 * @property {number | null} peer
 * @property {string} unit
 * @property {number | null} ratio
 * @property {number | null} limit
 */

/** A measurement beside a peer. @returns {Row} */
export function compared(name, ours, peer, unit, limit = null) {
  return {
    name,
    ours: rounded(ours),
    peer: rounded(peer),
    unit,
    ratio: rounded(ours / peer),
    limit,
  };
}

/** A measurement with a limit of its own. @returns {Row} */
export function alone(name, ours, unit, limit = null) {
  return { name, ours: rounded(ours), peer: null, unit, ratio: null, limit };
}

export function median(numbers) {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Seconds that `work` takes. */
export async function seconds(work) {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** Resident memory of a process, proc_pid_status(5). */
export const residentMegabytes = (pid) => megabytes(pid, 'VmRSS');

/** The most there was of it since {@link forgetPeak}. */
export const peakMegabytes = (pid) => megabytes(pid, 'VmHWM');

/** See /proc/pid/clear_refs in proc(5). */
export const forgetPeak = (pid) => writeFile(`/proc/${pid}/clear_refs`, '5');

async function megabytes(pid, field) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return (Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(status)[1]) * 1024) / 1e6;
}

/** @param {Row[]} rows */
export function table(rows) {
  const header = ['measurement', 'ours', 'peer', 'unit', 'ratio', 'limit', ''];
  const lines = rows.map(({ name, ours, peer, unit, ratio, limit }) => [
    name,
    shown(ours),
    shown(peer),
    unit,
    shown(ratio),
    limit === null ? '' : `${limit}${ratio === null ? ` ${unit}` : ''}`,
    limit === null ? '' : (ratio ?? ours) <= limit ? 'held' : 'MISSED',
  ]);
  const all = [header, ...lines];
  const widths = header.map((_, column) => Math.max(...all.map((cells) => cells[column].length)));
  return all
    .map((cells) =>
      cells
        .map((cell, column) => cell.padEnd(widths[column]))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const shown = (number) => (number === null ? '' : String(number));

/** Three significant places are more than the machine repeats. */
const rounded = (number) => Number(number.toPrecision(3));
