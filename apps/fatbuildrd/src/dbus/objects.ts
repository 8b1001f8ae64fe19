import { BuildObject } from './build.dbus';
import { FatbuildrObject } from './fatbuildr.dbus';
import { InstanceObject } from './instance.dbus';
import { RegistryObject } from './registry.dbus';
import { TaskObject } from './task.dbus';
import { TokenObject } from './token.dbus';

/** Everything the daemon shows on the bus. */
export const DBUS_OBJECTS = [
  FatbuildrObject,
  InstanceObject,
  RegistryObject,
  BuildObject,
  TaskObject,
  TokenObject,
];
