import { DEB_DESCRIPTION, DebModule } from '@fatbuildr/formats/deb';
import { TARBALL_DESCRIPTION, TarballModule } from '@fatbuildr/formats/tarball';

/** The formats this program is made with: adding one changes no other file outside its own folders. */
export const FORMAT_MODULES = [DebModule, TarballModule];
export const FORMAT_DESCRIPTIONS = [DEB_DESCRIPTION, TARBALL_DESCRIPTION];
