import { escapeHtml } from '../frame/html';
import { applySgr, classesOf, PLAIN, type Style } from './sgr';

/** Characters of one line; what is longer goes on in the next, so no line takes unbounded memory. */
const LONGEST_LINE = 16_384;
/** Characters of an escape sequence's parameters; longer ones are no sequence of any terminal. */
const LONGEST_PARAMETERS = 128;

const ESCAPE = '\x1b';
const BELL = '\x07';

/** Characters that reorder what stands around them: in a log they only deceive its reader. */
const BIDI_CONTROLS = /[\u202a-\u202e\u2066-\u2069]/g;
/** What moves the cursor, changes colours or is dropped: without it there is a quick way. */
const SPECIAL = /[^\P{Cc}\t]|[\u202a-\u202e\u2066-\u2069]/u;

interface Cell {
  character: string;
  style: Style;
}

type State = 'text' | 'escape' | 'intermediate' | 'csi' | 'string' | 'string-escape';

/**
 * What programs print to a terminal as lines of HTML: colours become classes, `\r` and `\b` overwrite what
 * a terminal would overwrite, every other control sequence is dropped, and everything else is escaped.
 */
export class TerminalText {
  private state: State = 'text';
  private style: Style = PLAIN;
  private parameters = '';
  private cells: Cell[] = [];
  private column = 0;

  /** @returns the HTML of each line that is complete */
  push(text: string): string[] {
    const lines: string[] = [];
    let rest = text;
    // Most output is plain lines.
    while (this.isFresh) {
      const end = rest.indexOf('\n');
      const line = rest.slice(0, end).replace(/\r$/, '');
      if (end < 0 || line.length > LONGEST_LINE || SPECIAL.test(line)) break;
      lines.push(escapeHtml(line));
      rest = rest.slice(end + 1);
    }
    for (const character of rest) {
      this.take(character, lines);
      if (this.cells.length >= LONGEST_LINE) lines.push(this.finish());
    }
    return lines;
  }

  /** HTML of the line that is not complete yet; empty when there is none. */
  get pending(): string {
    return render(this.cells);
  }

  /** Ends the line that is not complete. */
  finish(): string {
    const line = this.pending;
    this.cells = [];
    this.column = 0;
    return line;
  }

  private get isFresh(): boolean {
    return this.state === 'text' && this.cells.length === 0 && this.style === PLAIN;
  }

  private take(character: string, lines: string[]): void {
    switch (this.state) {
      case 'text':
        this.takeText(character, lines);
        break;
      case 'escape':
        this.takeEscape(character);
        break;
      case 'intermediate':
        // ECMA-35: one more character ends the sequence.
        this.state = 'text';
        break;
      case 'csi':
        this.takeCsi(character);
        break;
      case 'string':
        if (character === BELL) this.state = 'text';
        else if (character === ESCAPE) this.state = 'string-escape';
        // A string without an end would swallow the rest of the log.
        else if (character === '\n') this.endUnfinished(lines);
        break;
      case 'string-escape':
        this.state = character === '\\' ? 'text' : 'string';
        break;
    }
  }

  private endUnfinished(lines: string[]): void {
    this.state = 'text';
    this.takeText('\n', lines);
  }

  private takeText(character: string, lines: string[]): void {
    switch (character) {
      case '\n':
        lines.push(this.finish());
        break;
      case '\r':
        this.column = 0;
        break;
      case '\b':
        this.column = Math.max(0, this.column - 1);
        break;
      case ESCAPE:
        this.state = 'escape';
        break;
      default:
        if (character === '\t' || !/\p{Cc}/u.test(character)) this.write(character);
    }
  }

  private write(character: string): void {
    const { style } = this;
    while (this.cells.length < this.column) this.cells.push({ character: ' ', style: PLAIN });
    this.cells[this.column] = { character: character.replace(BIDI_CONTROLS, '\ufffd'), style };
    this.column += 1;
  }

  private takeEscape(character: string): void {
    this.parameters = '';
    if (character === '[') this.state = 'csi';
    else if (/[\]PX^_]/.test(character)) this.state = 'string';
    else if (/[\x20-\x2f]/.test(character)) this.state = 'intermediate';
    else this.state = character === ESCAPE ? 'escape' : 'text';
  }

  private takeCsi(character: string): void {
    if (/[\x20-\x3f]/.test(character) && this.parameters.length < LONGEST_PARAMETERS) {
      this.parameters += character;
      return;
    }
    this.state = 'text';
    const count = Math.min(Number.parseInt(this.parameters, 10) || 1, LONGEST_LINE - 1);
    if (character === 'm') {
      const style = applySgr(this.style, this.parameters);
      this.style = classesOf(style) === '' && !style.inverse ? PLAIN : style;
    } else if (character === 'K') this.erase(this.parameters);
    else if (character === 'G') this.column = count - 1;
    else if (character === 'C') this.column = Math.min(this.column + count, LONGEST_LINE - 1);
    else if (character === 'D') this.column = Math.max(0, this.column - count);
  }

  /** `EL`: 0 or nothing to the end of the line, 1 from its start, 2 all of it. */
  private erase(which: string): void {
    if (which === '2') this.cells = [];
    else if (which === '1') {
      this.cells.fill({ character: ' ', style: PLAIN }, 0, this.column + 1);
    } else this.cells.length = Math.min(this.cells.length, this.column);
  }
}

function render(cells: readonly Cell[]): string {
  let html = '';
  for (let start = 0; start < cells.length;) {
    const { style } = cells[start]!;
    let end = start;
    let text = '';
    while (end < cells.length && cells[end]!.style === style) {
      text += cells[end]!.character;
      end += 1;
    }
    const classes = classesOf(style);
    html +=
      classes === '' ? escapeHtml(text) : `<span class="${classes}">${escapeHtml(text)}</span>`;
    start = end;
  }
  return html;
}
