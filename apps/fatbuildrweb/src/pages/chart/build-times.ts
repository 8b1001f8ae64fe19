import { durationText } from '../frame/wording';

/** A build of the chart. */
export interface ChartedBuild {
  title: string;
  /** Milliseconds since the epoch. */
  ended: number;
  /** Milliseconds. */
  duration: number;
  failed: boolean;
}

export interface ChartBar {
  x: number;
  y: number;
  width: number;
  height: number;
  failed: boolean;
  label: string;
}

/** A chart in units of its own, stretched over the width there is. */
export interface BuildTimesChart {
  width: number;
  height: number;
  bars: ChartBar[];
  /** Lines at round durations, from the bottom; `y` in percent of the height. */
  marks: { y: number; text: string }[];
  first: string;
  last: string;
  /** The chart in one sentence, for who does not see it. */
  summary: string;
}

const WIDTH = 600;
const HEIGHT = 150;
const GAP = 0.25;
const LEAST_SLOTS = 24;
/** So that the quickest build still shows. */
const LEAST_HEIGHT = 3;

/** Durations a person would choose for the top of an axis, seconds. */
const ROUND = [
  1, 2, 5, 10, 20, 30, 60, 120, 300, 600, 1200, 1800, 3600, 7200, 14_400, 28_800, 86_400,
];

/**
 * How long builds took, one bar for each, the oldest first.
 *
 * @returns `undefined` without builds
 */
export function buildTimesChart(builds: readonly ChartedBuild[]): BuildTimesChart | undefined {
  const sorted = [...builds].sort((a, b) => a.ended - b.ended);
  const [oldest, newest] = [sorted[0], sorted.at(-1)];
  if (oldest === undefined || newest === undefined) return undefined;
  const longest = Math.max(...sorted.map(({ duration }) => duration));
  const top = roundUp(longest);
  const slot = WIDTH / Math.max(sorted.length, LEAST_SLOTS);
  const bars = sorted.map(({ title, ended, duration, failed }, index) => {
    const height = Math.max(LEAST_HEIGHT, (duration / top) * HEIGHT);
    return {
      x: rounded(index * slot + (slot * GAP) / 2),
      y: rounded(HEIGHT - height),
      width: rounded(slot * (1 - GAP)),
      height: rounded(height),
      failed,
      label: `${title}: ${failed ? 'failed after' : 'took'} ${durationText(duration)}, ${day(ended)}`,
    };
  });
  return {
    width: WIDTH,
    height: HEIGHT,
    bars,
    marks: [0.5, 1].map((part) => ({ y: part * 100, text: durationText(top * part) })),
    first: day(oldest.ended),
    last: day(newest.ended),
    summary: summary(sorted, longest),
  };
}

function summary(builds: readonly ChartedBuild[], longest: number): string {
  const durations = builds.map(({ duration }) => duration).sort((a, b) => a - b);
  const failed = builds.filter((build) => build.failed).length;
  const median = durations[Math.floor((durations.length - 1) / 2)] ?? 0;
  return `The last ${builds.length === 1 ? 'build' : `${builds.length} builds`}: ${durationText(median)} in the middle, ${durationText(longest)} at most, ${failed} failed.`;
}

function roundUp(milliseconds: number): number {
  const seconds = milliseconds / 1000;
  return (ROUND.find((round) => round >= seconds) ?? Math.ceil(seconds / 86_400) * 86_400) * 1000;
}

const rounded = (value: number) => Math.round(value * 100) / 100;
const day = (milliseconds: number) => new Date(milliseconds).toISOString().slice(0, 10);
