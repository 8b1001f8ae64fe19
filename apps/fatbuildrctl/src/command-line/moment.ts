import { usageError } from './usage.errors';

/** Seconds. */
const AGES: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400, w: 604_800 };

/**
 * Reads a point in time: `2026-11-03`, `2026-11-03 14:05`, the same with a zone, or an age as `30m`, `2h`,
 * `3d`, `1w`. Local time where no zone is given.
 *
 * @param now milliseconds since the epoch
 * @returns seconds since the epoch
 */
export function parseMoment(option: string, text: string, now = Date.now()): number {
  const [, amount, unit] = /^(\d{1,6})([mhdw])$/.exec(text) ?? [];
  if (unit !== undefined) return Math.max(0, Math.floor(now / 1000 - Number(amount) * AGES[unit]!));
  const [, day, time = '00:00', zone = ''] =
    /^(\d{4}-\d\d-\d\d)(?:[ T](\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(text) ?? [];
  const seconds = Math.floor(Date.parse(`${day}T${time}${zone}`) / 1000);
  if (seconds >= 0) return seconds;
  throw usageError(
    `option ${option} needs a date (2026-11-03, "2026-11-03 14:05") or an age (30m, 2h, 3d, 1w), got "${text}"`,
  );
}
