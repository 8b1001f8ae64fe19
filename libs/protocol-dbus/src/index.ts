export type { Bus } from './bus';
export { busAddress, SYSTEM_BUS_SOCKET } from './bus-address';
export { connectionStream } from './connection-stream';
export { DbusClient } from './dbus-client';
export {
  BUS_NAME,
  ERROR_PREFIX,
  INSTANCE_INTERFACE,
  MANAGER_INTERFACE,
  MANAGER_PATH,
} from './names';
export { exchangeMessages } from './message-exchange';
export { fromWire, toWire, type WireStructure } from './wire-values';
