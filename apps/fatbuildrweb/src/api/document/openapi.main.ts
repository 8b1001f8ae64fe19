import { openApiDocument } from './openapi-document';

/** Prints the document of the API; `npm run openapi` keeps it in docs/. */
void openApiDocument().then((document) => {
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
  process.exit();
});
