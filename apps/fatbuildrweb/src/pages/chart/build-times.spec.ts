import { buildTimesChart } from './build-times';

const HOUR = 3_600_000;
const start = Date.UTC(2026, 10, 1);
const build = (hour: number, seconds: number, failed = false) => ({
  title: `Build ${hour}`,
  ended: start + hour * HOUR,
  duration: seconds * 1000,
  failed,
});

describe('the chart of build times', () => {
  it('is none without builds', () => {
    expect(buildTimesChart([])).toBeUndefined();
  });

  it('puts builds in the order of their ends, under a round top', () => {
    const chart = buildTimesChart([build(30, 45), build(2, 15, true)])!;
    expect(chart.marks.map(({ text }) => text)).toEqual(['30 s', '1 min 00 s']);
    expect(chart.bars.map(({ label }) => label)).toEqual([
      'Build 2: failed after 15 s, 2026-11-01',
      'Build 30: took 45 s, 2026-11-02',
    ]);
    const [first, second] = chart.bars;
    expect(second!.x).toBeGreaterThan(first!.x + first!.width);
    expect(first!.height / chart.height).toBeCloseTo(0.25);
    expect(second!.y + second!.height).toBeCloseTo(chart.height);
    expect(chart.summary).toBe('The last 2 builds: 15 s in the middle, 45 s at most, 1 failed.');
  });

  it('keeps every bar on the picture, however many and however quick', () => {
    const chart = buildTimesChart(Array.from({ length: 60 }, (_, hour) => build(hour, hour)))!;
    for (const { x, y, width, height } of chart.bars) {
      expect(x).toBeGreaterThanOrEqual(0);
      expect(x + width).toBeLessThanOrEqual(chart.width);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(height).toBeGreaterThanOrEqual(3);
    }
  });

  it('has a top for builds of more than a day', () => {
    const chart = buildTimesChart([build(0, 200_000)])!;
    expect(chart.bars[0]!.height).toBeLessThanOrEqual(chart.height);
  });
});
