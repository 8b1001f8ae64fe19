/** The sections of an instance, as the navigation names them. */
export type Section =
  | 'dashboard'
  | 'submit'
  | 'history'
  | 'registry'
  | 'keyring'
  | 'images'
  | 'tokens'
  | 'sign-in'
  | 'none';

/** What a handler answers for a page: a template and what is special about it. The frame comes with it. */
export class Page {
  constructor(
    /** Name of a template, without `.html.j2`. */
    readonly template: string,
    readonly section: Section,
    readonly title: string,
    readonly model: object = {},
    readonly status = 200,
  ) {}
}

/** What a handler answers for a form: the page that shows what came of it (303). */
export class SeeOther {
  /** @param address within the server */
  constructor(readonly address: string) {}
}
