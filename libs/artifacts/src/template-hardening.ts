import { asText, isTrue, memberOf, sliceOf } from './template-members';

/*
 * nunjucks compiles templates to JavaScript and is not made for templates of strangers: values lead to
 * constructors (`"".constructor.constructor("code")()`), names are put into the code unquoted (a name
 * may hold `"` and backticks), loops have no bound. It is also not quite Jinja2. Both are mended here,
 * at the one place every template passes: its parser, its compiler and its look-ups at run time.
 */

/** Steps of all loops of one rendering; each step sets about ten variables. */
const MAX_STEPS = 10_000_000;
const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const TRUTH = 'truth of Jinja2';
const TEXT = 'text of Jinja2';
const DEFINED = 'what is defined';
const MARKS: readonly unknown[] = [TRUTH, TEXT, DEFINED];
/** Filters that ask for what may be undefined. */
const FALLBACKS: readonly unknown[] = ['default', 'd'];
/** Statements whose line is worth knowing when they fail. */
const STATEMENTS = new Set('Output If For Set Include Import FromImport Extends'.split(' '));

/** What went wrong in a template; the file is filled in on the way out. */
export class TemplateFault extends Error {
  file: string | undefined;

  constructor(
    message: string,
    /** From 1. */
    public line?: number,
  ) {
    super(message);
  }

  /** Called by nunjucks, the innermost template first. */
  Update(path: string | undefined): this {
    this.file ??= path;
    return this;
  }
}

export interface RenderBudget {
  /** Call before each rendering. */
  reset(): void;
}

interface Node {
  typename: string;
  lineno: number;
  colno: number;
  fields: readonly string[];
  children?: unknown[];
  [field: string]: unknown;
}

type NodeClass = new (lineno: number, colno: number, ...fields: unknown[]) => Node;

interface Internals {
  parser: { parse(source: string, ...rest: unknown[]): Node };
  compiler: {
    Compiler: {
      prototype: {
        compile: (this: Compiler, node: Node, frame: unknown) => void;
        compileFilter: (this: Compiler, node: Node, frame: unknown) => void;
        _getNodeName: (this: Compiler, node: Node) => string;
      };
    };
  };
  nodes: Record<'Filter' | 'Symbol' | 'NodeList', NodeClass>;
  runtime: {
    Frame: {
      prototype: { set: (this: object, name: string, value: unknown, up?: boolean) => void };
    };
    memberLookup(...args: unknown[]): unknown;
    contextOrFrameLookup(context: Context, frame: Frame, name: string): unknown;
    suppressValue(value: unknown): unknown;
    handleError(fault: unknown, line?: number): TemplateFault;
    fromIterator(value: unknown): unknown;
    truth?: (value: unknown) => boolean;
    text?: (value: unknown) => string;
    defined?: (value: unknown, name: string) => unknown;
  };
}

interface Compiler {
  _emit(code: string): void;
  _emitLine(code: string): void;
  compile(node: Node, frame: unknown): void;
}

interface Frame {
  lookup(name: string): unknown;
}

interface Context {
  ctx: object;
  env: { globals: object };
}

/**
 * Changes nunjucks as loaded, once for the process.
 *
 * @param known names that exist; others are refused before anything runs
 */
export function hardenNunjucks(
  nunjucks: object,
  known: { filters: ReadonlySet<string>; tests: ReadonlySet<string> },
): RenderBudget {
  const internals = nunjucks as Internals;
  hardenParser(internals, known);
  hardenCompiler(internals);
  return hardenRuntime(internals);
}

function hardenParser(
  { parser, nodes }: Internals,
  known: { filters: ReadonlySet<string>; tests: ReadonlySet<string> },
): void {
  const parse = parser.parse.bind(parser);
  const wrap = (kind: string, node: Node): Node =>
    new nodes.Filter(
      node.lineno,
      node.colno,
      new nodes.Symbol(node.lineno, node.colno, kind),
      new nodes.NodeList(node.lineno, node.colno, [node]),
    );
  parser.parse = (source, ...rest) => {
    let root: Node;
    try {
      root = parse(source, ...rest);
    } catch (fault) {
      const { message, lineno } = fault as Error & { lineno?: number };
      // Without a line of its own the fault is at the end: something is left open.
      throw new TemplateFault(message, lineno ?? source.split('\n').length);
    }
    visit(root, (node) => {
      checkNode(node, known);
      convertNode(node, wrap);
    });
    return root;
  };
}

/**
 * Children before parents, so that what a parent wraps has been checked. All properties are looked at:
 * the declared fields of a node leave out some (the body of a `set` block).
 */
function visit(node: unknown, act: (node: Node) => void): void {
  if (Array.isArray(node)) {
    for (const element of node) visit(element, act);
  } else if (isNode(node)) {
    for (const value of Object.values(node)) visit(value, act);
    act(node);
  }
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'typename' in value && 'fields' in value;
}

function checkNode(
  node: Node,
  known: { filters: ReadonlySet<string>; tests: ReadonlySet<string> },
): void {
  const fail = (reason: string) => {
    throw new TemplateFault(reason, node.lineno + 1);
  };
  switch (node.typename) {
    case 'Symbol':
      if (!IDENTIFIER.test(String(node.value))) fail(`"${String(node.value)}" is no name`);
      break;
    case 'Literal':
      if (node.value instanceof RegExp) fail('regular expressions are not part of Jinja2');
      break;
    case 'Filter': {
      const name = String((node.name as Node).value);
      if (!known.filters.has(name)) fail(`unknown filter "${name}"`);
      break;
    }
    case 'Is': {
      const right = node.right as Node;
      const name = String(isNode(right.name) ? right.name.value : right.value);
      if (!known.tests.has(name)) fail(`unknown test "${name}"`);
      break;
    }
    case 'For':
    case 'Set':
    case 'Macro':
    case 'Caller':
    case 'Import':
    case 'FromImport':
    case 'Block':
      for (const field of NAMING[node.typename]) {
        if (!isNaming(node[field], node.typename)) {
          fail(`expected a name in "${node.typename.toLowerCase()}"`);
        }
      }
      break;
    case 'FilterAsync':
    case 'IfAsync':
    case 'AsyncEach':
    case 'AsyncAll':
    case 'CallExtension':
    case 'CallExtensionAsync':
      fail(`"${node.typename}" is not part of Jinja2`);
  }
}

/** Fields whose values get into the code as names; the parser takes any expression there. */
const NAMING = {
  For: ['name'],
  Set: ['targets'],
  Macro: ['name', 'args'],
  Caller: ['args'],
  Import: ['target'],
  FromImport: ['names'],
  Block: ['name'],
} as const;

/** A name, or a list of names and of pairs: `name=default` of macros, `name as other` of imports. */
function isNaming(value: unknown, statement: string): boolean {
  if (Array.isArray(value)) return value.every((element) => isNaming(element, statement));
  if (!isNode(value)) return false;
  if (value.typename === 'Symbol') return true;
  if (value.typename === 'Pair') {
    return (
      isNaming(value.key, statement) &&
      (statement !== 'FromImport' || isNaming(value.value, statement))
    );
  }
  return Array.isArray(value.children) && isNaming(value.children, statement);
}

/**
 * Gives conditions Python's truth and `~` Python's text, where JavaScript's differ. Names that are printed, or
 * given to a filter, must be defined: Jinja2 would print nothing, and the fault would show much later.
 */
function convertNode(node: Node, wrap: (kind: string, node: Node) => Node): void {
  const truthOf = (condition: unknown): unknown => {
    if (!isNode(condition)) return condition;
    if (condition.typename === 'And' || condition.typename === 'Or') {
      condition.left = truthOf(condition.left);
      condition.right = truthOf(condition.right);
      return condition;
    }
    return wrap(TRUTH, condition);
  };
  const definedOf = (value: unknown): unknown =>
    isNode(value) && fullName(value) !== undefined ? wrap(DEFINED, value) : value;
  switch (node.typename) {
    case 'If':
    case 'InlineIf':
      node.cond = truthOf(node.cond);
      break;
    case 'Not':
      node.target = truthOf(node.target);
      break;
    case 'Concat':
      node.left = wrap(TEXT, node.left as Node);
      node.right = wrap(TEXT, node.right as Node);
      break;
    case 'Output':
      node.children = node.children?.map(definedOf);
      break;
    case 'Filter': {
      const { children } = node.args as Node;
      const isAsked = FALLBACKS.includes((node.name as Node).value);
      if (children && !isAsked) children[0] = definedOf(children[0]);
    }
  }
}

/** `a`, `a.b`, `a["b"]`; `undefined` for any other expression. */
function fullName(node: Node): string | undefined {
  if (node.typename === 'Symbol') return String(node.value);
  if (node.typename !== 'LookupVal') return undefined;
  const [target, member] = [fullName(node.target as Node), node.val as Node];
  return target && member.typename === 'Literal' ? `${target}.${String(member.value)}` : undefined;
}

function hardenCompiler({ compiler }: Internals): void {
  const { prototype } = compiler.Compiler;
  const { compile, compileFilter, _getNodeName: nameOf } = prototype;
  prototype.compile = function (node, frame) {
    if (STATEMENTS.has(node.typename)) {
      this._emitLine(`lineno = ${Number(node.lineno)}; colno = ${Number(node.colno)};`);
    }
    compile.call(this, node, frame);
  };
  // Only for messages, but quoted with too little care.
  prototype._getNodeName = function (node) {
    return nameOf.call(this, node).replace(/[^\w.()[\] -]/g, '');
  };
  prototype.compileFilter = function (node, frame) {
    const kind = (node.name as Node).value;
    if (!MARKS.includes(kind)) return compileFilter.call(this, node, frame);
    const marked = (node.args as Node).children![0] as Node;
    this._emit(`runtime.${kind === TRUTH ? 'truth' : kind === TEXT ? 'text' : 'defined'}(`);
    this.compile(marked, frame);
    this._emit(kind === DEFINED ? `, ${JSON.stringify(fullName(marked))})` : ')');
  };
}

function hardenRuntime({ runtime }: Internals): RenderBudget {
  let steps = 0;
  const { set } = runtime.Frame.prototype;
  runtime.Frame.prototype.set = function (name, value, up) {
    if (++steps > MAX_STEPS) throw new TemplateFault('loops without end');
    set.call(this, name, value, up);
  };
  runtime.memberLookup = (...args) =>
    args.length === 4
      ? sliceOf(args[0], args[1] as number | null, args[2] as number | null, args[3] as number)
      : memberOf(args[0], args[1]);
  const constants: Readonly<Record<string, unknown>> = { True: true, False: false, None: null };
  runtime.contextOrFrameLookup = (context, frame, name) => {
    const local = frame.lookup(name);
    if (local !== undefined) return local;
    for (const table of [context.ctx, context.env.globals, constants]) {
      if (Object.hasOwn(table, name)) return (table as Record<string, unknown>)[name];
    }
    return undefined;
  };
  runtime.suppressValue = asText;
  runtime.truth = isTrue;
  runtime.text = asText;
  runtime.defined = (value, name) => {
    if (value === undefined) throw new TemplateFault(`"${name}" is undefined`);
    return value;
  };
  runtime.handleError = (fault, line) => {
    if (fault instanceof TemplateFault) {
      fault.line ??= line === undefined ? undefined : line + 1;
      return fault;
    }
    const message = fault instanceof Error ? fault.message : String(fault);
    return new TemplateFault(message, line === undefined ? undefined : line + 1);
  };
  return {
    reset: () => {
      steps = 0;
    },
  };
}
