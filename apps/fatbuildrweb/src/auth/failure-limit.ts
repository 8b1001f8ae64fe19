import { Injectable } from '@nestjs/common';
import { isIPv6 } from 'node:net';
import { tooManyFailures } from './auth.errors';

/** Refused tokens an address may send in a row before it has to wait. */
const FAILURES = 10;
/** Milliseconds after which one more may be sent. */
const EACH_MS = 6_000;
/** Addresses that are remembered; the one that failed longest ago is forgotten first. */
const REMEMBERED = 10_000;

/**
 * Slows down who tries tokens out: each address has a bucket of failures that empties with time. Only who
 * sends credentials is slowed down; what everybody may read stays open to the address.
 */
@Injectable()
export class FailureLimit {
  /** When the bucket of an address will be empty, milliseconds since the epoch. */
  private readonly empty = new Map<string, number>();

  /** @throws FatbuildrError `ACCESS.TOO_MANY_FAILURES` */
  check(address: string, now = Date.now()): void {
    const wait = (this.empty.get(network(address)) ?? 0) - now - (FAILURES - 1) * EACH_MS;
    if (wait > 0) throw tooManyFailures(Math.ceil(wait / 1000));
  }

  failed(address: string, now = Date.now()): void {
    const key = network(address);
    const empty = Math.max(this.empty.get(key) ?? 0, now) + EACH_MS;
    this.empty.delete(key);
    this.empty.set(key, empty);
    const [oldest] = this.empty.keys();
    if (this.empty.size > REMEMBERED && oldest !== undefined) this.empty.delete(oldest);
  }
}

/** One host has 2⁶⁴ addresses of IPv6 and more to choose from. */
function network(address: string): string {
  if (!isIPv6(address) || address.startsWith('::ffff:')) return address;
  const [head = '', tail] = address.split('::');
  const start = head.split(':').filter((part) => part !== '');
  const end = (tail ?? '').split(':').filter((part) => part !== '');
  const missing = tail === undefined ? 0 : 8 - start.length - end.length;
  return [...start, ...Array<string>(missing).fill('0'), ...end].slice(0, 4).join(':');
}
