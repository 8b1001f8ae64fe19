export { FatbuildrError, messageOf } from './fatbuildr.error';
