import { DEB_DEFINITION, DEB_DESCRIPTION, DebModule } from '@fatbuildr/formats/deb';
import { OSI_DEFINITION, OSI_DESCRIPTION, OsiModule } from '@fatbuildr/formats/osi';
import { RPM_DEFINITION, RPM_DESCRIPTION, RpmModule } from '@fatbuildr/formats/rpm';
import { TARBALL_DEFINITION, TARBALL_DESCRIPTION, TarballModule } from '@fatbuildr/formats/tarball';

/** The formats this program is made with: adding one changes no other file outside its own folders. */
export const FORMAT_MODULES = [DebModule, RpmModule, OsiModule, TarballModule];
export const FORMAT_DESCRIPTIONS = [
  DEB_DESCRIPTION,
  RPM_DESCRIPTION,
  OSI_DESCRIPTION,
  TARBALL_DESCRIPTION,
];
/** What definitions say for each; loads nothing that builds. */
export const FORMAT_DEFINITIONS = [
  DEB_DEFINITION,
  RPM_DEFINITION,
  OSI_DEFINITION,
  TARBALL_DEFINITION,
];
