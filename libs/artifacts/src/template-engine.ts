import { readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createContext, Script } from 'node:vm';
import { messageOf, type FatbuildrError } from '@fatbuildr/errors';
import { templateFault } from './artifacts.errors';
import { isInside } from './safe-folder';
import { hardenNunjucks, TemplateFault, type RenderBudget } from './template-hardening';
import { asCount } from './template-members';
import { FILTERS, GLOBALS, TESTS } from './template-filters';

/** Milliseconds one template may take. */
const RENDER_TIME = 10_000;
/** Bytes of one template, and characters of its result. */
export const MAX_TEMPLATE_BYTES = 16 * 1024 * 1024;
const MAX_RESULT = 64 * 1024 * 1024;

/** Filters of nunjucks whose result grows with a number given by the template. */
const GROWING = ['batch', 'slice', 'center', 'indent', 'truncate'];

type Nunjucks = typeof import('nunjucks');
type Callable = (...args: unknown[]) => unknown;

interface Tables {
  filters: Record<string, Callable>;
  tests: Record<string, Callable>;
  globals: Record<string, unknown>;
}

/** Renders untrusted templates of one folder; without a folder they can include nothing. */
export interface TemplateEngine {
  /** @throws FatbuildrError `ARTIFACT.TEMPLATE` */
  render(name: string, source: string, variables: object): string;
}

let loaded: Promise<{ nunjucks: Nunjucks; budget: RenderBudget }> | undefined;

/** nunjucks takes 30 ms to load: only when a template is rendered. */
async function loadNunjucks() {
  loaded ??= import('nunjucks').then((module) => {
    const nunjucks = module.default;
    nunjucks.installJinjaCompat();
    const { filters, tests } = tablesOf(new nunjucks.Environment([]));
    return {
      nunjucks,
      budget: hardenNunjucks(nunjucks, {
        filters: new Set([...Object.keys(filters), ...Object.keys(FILTERS)]),
        tests: new Set([...Object.keys(tests), ...Object.keys(TESTS)]),
      }),
    };
  });
  return await loaded;
}

/** @param folder the only place templates include from */
export async function templateEngine(folder?: string): Promise<TemplateEngine> {
  const { nunjucks, budget } = await loadNunjucks();
  // Rendering is synchronous: there is one current template.
  let current = '.';
  const environment = new nunjucks.Environment(
    { getSource: (name: string) => readIncluded(folder, dirname(current), name) },
    // "dev" hands errors through as they are instead of copying their text.
    { autoescape: false, trimBlocks: true, lstripBlocks: true, dev: true },
  );
  protectTables(environment);
  return {
    render(name, source, variables) {
      budget.reset();
      current = name;
      try {
        const result = withinTime(() =>
          new nunjucks.Template(asNunjucks(source), environment, name).render(
            structuredClone(variables),
          ),
        );
        if (result.length > MAX_RESULT) {
          throw new TemplateFault(`the result holds more than ${MAX_RESULT} characters`);
        }
        return result;
      } catch (fault) {
        throw asTemplateFault(name, fault);
      }
    },
  };
}

/** Everything that may hold `{#` without being a comment, comments, and ends of none. */
const PIECES =
  /\{%-?\s*raw\s*-?%\}[^]*?\{%-?\s*endraw\s*-?%\}|\{\{[^]*?\}\}|\{%[^]*?%\}|\{#[^]*?#\}|#\}/g;

/**
 * What Jinja2 reads otherwise than nunjucks: all kinds of line ends are one, blanks around comments
 * are trimmed as around blocks (a comment becomes an empty block that spans the same lines), and `#}`
 * alone is text.
 */
function asNunjucks(source: string): string {
  return source.replace(/\r\n?/g, '\n').replace(PIECES, (piece) => {
    if (piece === '#}') return '{{ "#}" }}';
    if (!piece.startsWith('{#')) return piece;
    const [before, after] = [piece.startsWith('{#-') ? '-' : '', piece.endsWith('-#}') ? '-' : ''];
    return `{%${before} if${piece.replace(/[^\n]/g, '')} false %}{% endif ${after}%}`;
  });
}

const sandbox = createContext(Object.create(null) as object);
const callRender = new Script('render()');

/** The time limit of `vm` stops any code called from inside, slow regular expressions included. */
function withinTime(render: () => string): string {
  (sandbox as { render?: () => string }).render = render;
  try {
    return callRender.runInContext(sandbox, { timeout: RENDER_TIME }) as string;
  } catch (fault) {
    if ((fault as NodeJS.ErrnoException).code === 'ERR_SCRIPT_EXECUTION_TIMEOUT') {
      throw new TemplateFault(`takes longer than ${RENDER_TIME / 1000} s to render`);
    }
    throw fault;
  } finally {
    delete (sandbox as { render?: () => string }).render;
  }
}

/** Looks beside the template that is rendered, then from the top of the folder. */
function readIncluded(folder: string | undefined, beside: string, name: string) {
  if (folder === undefined) throw new TemplateFault(`"${name}" cannot be included here`);
  for (const path of new Set([join(beside, name), join(name)])) {
    let real: string;
    try {
      real = realpathSync(join(folder, path));
    } catch {
      continue;
    }
    const stats = statSync(real);
    if (!isInside(realpathSync(folder), real) || !stats.isFile()) {
      throw new TemplateFault(`"${name}" cannot be included, it is no file of the folder`);
    }
    if (stats.size > MAX_TEMPLATE_BYTES) throw new TemplateFault(`"${name}" is too large`);
    return { src: asNunjucks(readFileSync(real, 'utf8')), path, noCache: true };
  }
  throw new TemplateFault(`there is no "${name}" to include`);
}

function tablesOf(environment: InstanceType<Nunjucks['Environment']>): Tables {
  return environment as unknown as Tables;
}

/** Adds what is missing, and frees the tables of what every JavaScript object inherits. */
function protectTables(environment: InstanceType<Nunjucks['Environment']>): void {
  const tables = tablesOf(environment);
  const bounded = Object.fromEntries(
    GROWING.map((name) => {
      const filter = tables.filters[name]!;
      const checked = function (this: unknown, ...args: unknown[]): unknown {
        for (const arg of args.slice(1)) if (typeof arg === 'number') asCount(arg);
        return filter.apply(this, args);
      };
      return [name, checked];
    }),
  );
  const empty = () => Object.create(null) as Record<string, Callable>;
  tables.filters = Object.assign(empty(), tables.filters, bounded, FILTERS);
  tables.tests = Object.assign(empty(), tables.tests, TESTS);
  tables.globals = Object.assign(empty(), tables.globals, GLOBALS);
}

function asTemplateFault(name: string, fault: unknown): FatbuildrError {
  if (fault instanceof TemplateFault) {
    return templateFault(fault.file ?? name, fault.line, fault.message);
  }
  return templateFault(name, undefined, messageOf(fault));
}
