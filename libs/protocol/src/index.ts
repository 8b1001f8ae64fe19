export * from './structures';
export * from './fatbuildr-client.port';
export * from './journal-codec';
export * from './step-records';
export * from './task-filter';
