import { openAsBlob } from 'node:fs';
import { basename } from 'node:path';
import type { BuildSubmission } from '@fatbuildr/protocol';

/** A build as the API takes it; the files are read while they are sent. */
export async function buildForm(
  submission: BuildSubmission,
): Promise<{ fields: Readonly<Record<string, string>>; form: FormData }> {
  const { format, distribution, architectures, derivative, artifact } = submission;
  const form = new FormData();
  const fields = {
    ...{ format, distribution, derivative, artifact, architectures: architectures.join() },
    ...{ user_name: submission.author, user_email: submission.email },
    message: submission.message,
    ...(submission.interactive ? { interactive: 'true' } : {}),
    ...(submission.keep_failed === undefined ? {} : { keep_failed: submission.keep_failed }),
  };
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  form.set('tarball', await openAsBlob(submission.tarball), basename(submission.tarball));
  for (const { id, path } of submission.sources) {
    form.set(`source/${id}`, await openAsBlob(path), basename(path));
  }
  return { fields, form };
}
