import { unexpectedValue } from './config.errors';

/** Bytes; decimal multiples. A capital B is a byte, a small b a bit. */
const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  Mb: 1e6 / 8,
  Gb: 1e9 / 8,
  Tb: 1e12 / 8,
};

/**
 * Reads a size: `50GB`, `1.5 TB` (bytes), `800Mb` (bits) or a bare number of bytes.
 *
 * @returns bytes
 * @throws FatbuildrError `CONFIG.VALUE`
 */
export function parseSize(text: string): number {
  const [, amount, unit] = /^(\d{1,15}(?:\.\d{1,6})?)\s*([MGT][Bb])?$/.exec(text.trim()) ?? [];
  const bytes = Math.floor(Number(amount) * (UNITS[unit ?? ''] ?? NaN));
  if (!(bytes > 0) || !Number.isSafeInteger(bytes)) {
    throw unexpectedValue('a size such as 500MB, 4GB or 1TB (bytes) or 800Mb (bits)', text);
  }
  return bytes;
}
