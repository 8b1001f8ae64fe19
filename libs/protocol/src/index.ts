export * from './structures';
export * from './fatbuildr-client.port';
export * from './journal-codec';
