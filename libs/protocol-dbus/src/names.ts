/** Names of the D-Bus contract, shared by both ends. */
export const BUS_NAME = 'org.rackslab.Fatbuildr';
export const MANAGER_PATH = '/org/rackslab/Fatbuildr';
export const MANAGER_INTERFACE = 'org.rackslab.Fatbuildr';
export const INSTANCE_INTERFACE = 'org.rackslab.Fatbuildr.Instance';
/** Prefix of the error names, followed for example by `NoKeyring`. */
export const ERROR_PREFIX = 'org.rackslab.Fatbuildr.Error';
