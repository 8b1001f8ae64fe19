export { FatbuildrError, messageOf } from './fatbuildr.error';
export { diskReason, isDiskFull, withPlace } from './disk-fault';
export { EXIT_FAULT, EXIT_USAGE, reportFault } from './program-fault';
