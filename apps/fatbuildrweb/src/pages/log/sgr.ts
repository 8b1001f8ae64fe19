/**
 * Colours and styles of terminals (ECMA-48 8.3.117, "select graphic rendition") as classes of the style
 * sheet. All colours end as one of the sixteen that a theme defines, so every log is readable on it.
 */
export interface Style {
  /** 0–15; `undefined` for the theme's own. */
  foreground: number | undefined;
  background: number | undefined;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  strike: boolean;
  inverse: boolean;
}

export const PLAIN: Style = Object.freeze({
  foreground: undefined,
  background: undefined,
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  strike: false,
  inverse: false,
});

const BRIGHT = 8;

/** Changes of the parameters that need no others. */
const CHANGES = new Map<number, Partial<Style>>([
  [0, PLAIN],
  [1, { bold: true }],
  [2, { dim: true }],
  [3, { italic: true }],
  [4, { underline: true }],
  [7, { inverse: true }],
  [9, { strike: true }],
  [21, { underline: true }],
  [22, { bold: false, dim: false }],
  [23, { italic: false }],
  [24, { underline: false }],
  [27, { inverse: false }],
  [29, { strike: false }],
  [39, { foreground: undefined }],
  [49, { background: undefined }],
]);

for (let color = 0; color < BRIGHT; color += 1) {
  CHANGES.set(30 + color, { foreground: color });
  CHANGES.set(40 + color, { background: color });
  CHANGES.set(90 + color, { foreground: color + BRIGHT });
  CHANGES.set(100 + color, { background: color + BRIGHT });
}

/** Codes that take a colour as arguments; the colour of underlines is read and not shown. */
const EXTENDED = new Map<number, 'foreground' | 'background' | undefined>([
  [38, 'foreground'],
  [48, 'background'],
  [58, undefined],
]);

/**
 * @param parameters what stands between `ESC [` and `m`
 * @returns the style from there on; unknown parameters change nothing
 */
export function applySgr(style: Style, parameters: string): Style {
  let next = style;
  const parts = parameters.split(';');
  for (let at = 0; at < parts.length; at += 1) {
    const part = parts[at]!;
    const [code = 0, ...arguments_] = part.split(':').map(Number);
    if (EXTENDED.has(code)) {
      // Arguments come after colons (ISO 8613-6), or as parameters of their own, as most programs write.
      const inline = arguments_.length > 0;
      const values = inline ? arguments_ : parts.slice(at + 1, at + 5).map(Number);
      const { color, used } = extendedColor(values, inline);
      const target = EXTENDED.get(code);
      if (color !== undefined && target !== undefined) next = { ...next, [target]: color };
      if (!inline) at += used;
    } else if (code === 4 && arguments_[0] === 0) {
      next = { ...next, underline: false };
    } else {
      const change = CHANGES.get(code);
      if (change !== undefined) next = { ...next, ...change };
    }
  }
  return next;
}

/** @returns the nearest of the sixteen colours, and how many values told it */
function extendedColor(
  values: readonly number[],
  inline: boolean,
): { color: number | undefined; used: number } {
  if (values[0] === 5) return { color: fromPalette(values[1]), used: 2 };
  if (values[0] !== 2) return { color: undefined, used: 0 };
  // With colons a colour space may stand before the three, mostly empty.
  const [red, green, blue] = inline && values.length > 4 ? values.slice(2, 5) : values.slice(1, 4);
  return { color: nearest([red ?? 0, green ?? 0, blue ?? 0]), used: 4 };
}

type Rgb = readonly [red: number, green: number, blue: number];

/** The sixteen as xterm shows them, for comparing; what is shown is the theme's. */
const SIXTEEN: readonly Rgb[] = [
  [0, 0, 0],
  [205, 0, 0],
  [0, 205, 0],
  [205, 205, 0],
  [0, 0, 238],
  [205, 0, 205],
  [0, 205, 205],
  [229, 229, 229],
  [127, 127, 127],
  [255, 0, 0],
  [0, 255, 0],
  [255, 255, 0],
  [92, 92, 255],
  [255, 0, 255],
  [0, 255, 255],
  [255, 255, 255],
];

const CUBE_START = 16;
const GREY_START = 232;
const LEVELS = [0, 95, 135, 175, 215, 255] as const;

/** Of xterm's palette of 256: the sixteen, a cube of six levels, 24 greys. */
function fromPalette(index: number | undefined): number | undefined {
  if (index === undefined || !(index >= 0 && index <= 255)) return undefined;
  if (index < CUBE_START) return index;
  if (index >= GREY_START) {
    const level = 8 + 10 * (index - GREY_START);
    return nearest([level, level, level]);
  }
  const cube = index - CUBE_START;
  const level = (divisor: number) => LEVELS[Math.floor(cube / divisor) % 6] ?? 0;
  return nearest([level(36), level(6), level(1)]);
}

function nearest([red, green, blue]: Rgb): number {
  const distances = SIXTEEN.map(([r, g, b]) => (r - red) ** 2 + (g - green) ** 2 + (b - blue) ** 2);
  return distances.indexOf(Math.min(...distances));
}

/** Class names of a style, separated by blanks; empty for the plain one. */
export function classesOf(style: Style): string {
  const classes: string[] = [];
  const [fore, back] = style.inverse
    ? [style.background, style.foreground]
    : [style.foreground, style.background];
  if (fore !== undefined) classes.push(`f${fore}`);
  if (back !== undefined) classes.push(`g${back}`);
  // Backgrounds are dark ones, on which text keeps its own colour.
  else if (style.inverse) classes.push('g-text');
  for (const name of ['bold', 'dim', 'italic', 'underline', 'strike'] as const) {
    if (style[name]) classes.push(`t-${name}`);
  }
  return classes.join(' ');
}
