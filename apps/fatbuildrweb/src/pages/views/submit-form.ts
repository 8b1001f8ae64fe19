import type { KeptBuilds } from '@fatbuildr/builds';
import type { Instance } from '@fatbuildr/instances';
import type { ParametersOf } from '@fatbuildr/protocol';
import { buildForm, submittedBuild } from '../../uploads/build-form';
import type { FormRules, ReceivedForm } from '../../uploads/upload-receiver';

/** Fields that the form has as the compatible route has them. */
const SAME = [
  'artifact',
  'user_name',
  'user_email',
  'message',
  'interactive',
  'keep_failed',
] as const;
/** `<format>/<distribution>/<derivative>` */
const TARGET = 'target';
/** A box to tick for each architecture: `architecture/<name>`. */
const ARCHITECTURE = 'architecture/';

type Fields = ReceivedForm['fields'];

/**
 * What the page's form may hold.
 *
 * @param seen is told the fields as they are known, to show them again if the form is refused
 */
export function submitForm(instance: Instance, seen: (fields: Fields) => void): FormRules {
  const rules = buildForm(instance);
  return {
    fields: [
      ...[...SAME, TARGET],
      ...instance.architectures.map((name) => `${ARCHITECTURE}${name}`),
    ],
    accept(file, fields) {
      seen(fields);
      if (isChosen(file)) rules.accept(file, buildFields(fields));
    },
  };
}

/**
 * What is built, as `submittedBuild` has it of the compatible route's form.
 *
 * @throws FatbuildrError `UPLOAD.FORM`, `INSTANCES.UNKNOWN_*`
 */
export function buildOfPage(
  instance: Instance,
  { fields, files }: ReceivedForm,
  kept: Pick<KeptBuilds, 'checkTime'>,
): (workspace: string) => Promise<ParametersOf<'artifact build'>> {
  return submittedBuild(
    instance,
    { fields: buildFields(fields), files: files.filter(isChosen) },
    kept,
  );
}

function buildFields(fields: Fields): Fields {
  const [format = '', distribution = '', derivative = ''] = (fields[TARGET] ?? '').split('/');
  const architectures = Object.keys(fields)
    .filter((name) => name.startsWith(ARCHITECTURE))
    .map((name) => name.slice(ARCHITECTURE.length));
  const same = SAME.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]]));
  return {
    ...{ format, distribution, derivative, architectures: architectures.join(',') },
    ...(Object.fromEntries(same) as Fields),
  };
}

/** Browsers send a field for a file although none was chosen, without a name. */
const isChosen = ({ filename }: { filename: string }): boolean => filename !== '';
