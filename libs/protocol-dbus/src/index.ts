export type { Bus } from './bus';
export { busAddress } from './bus-address';
export { DbusClient } from './dbus-client';
export { fromWire, toWire } from './wire-values';
export { BUS_NAME, INSTANCE_INTERFACE, MANAGER_INTERFACE, MANAGER_PATH } from './names';
