export { FatbuildrError, messageOf } from './fatbuildr.error';
export { diskReason, isDiskFull, withPlace } from './disk-fault';
