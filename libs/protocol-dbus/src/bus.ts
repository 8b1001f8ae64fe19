/** Which bus the daemon is looked for on. */
export type Bus =
  | { kind: 'system' }
  | { kind: 'session' }
  /** The private bus of the daemon that keeps everything under `home`. */
  | { kind: 'home'; home: string }
  | { kind: 'address'; address: string };

export function describeBus(bus: Bus): string {
  switch (bus.kind) {
    case 'system':
      return 'the system bus';
    case 'session':
      return 'the session bus';
    case 'home':
      return `the private bus of ${bus.home}`;
    case 'address':
      return `the bus ${bus.address}`;
  }
}
