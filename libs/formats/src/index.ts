import { DEB_DESCRIPTION, DebModule } from '@fatbuildr/formats/deb';

/** The formats this program is made with: adding one changes no other file outside its own folders. */
export const FORMAT_MODULES = [DebModule];
export const FORMAT_DESCRIPTIONS = [DEB_DESCRIPTION];
