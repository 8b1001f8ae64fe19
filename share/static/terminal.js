// A terminal on an interactive task. Both ways carry the messages of its journal: command (16 bits), two
// bytes of zero, length (32 bits), payload; little endian. Whoever may only watch (`data-watch`) sends nothing.
import { FitAddon } from './vendor/xterm-fit.js';
import { Terminal } from './vendor/xterm.js';

const HEADER = 8;
const LOG = 0;
const OUTPUT = 1;
const RAW_ON = 2;
const RAW_OFF = 3;
const WINDOW_SIZE = 4;

/** Bytes of typed or pasted text in one message; the server takes 64 KiB. */
const PIECE = 32 * 1024;
/** Code of a connection that ended as it should (RFC 6455 7.4.1). */
const NORMAL = 1000;

/** What the task says of itself: in the colour of the log's lesser lines, whatever a program left behind. */
const OWN_WORDS = '\x1b[0;38;2;154;161;171m';
const SHOW_CURSOR = '\x1b[?25h';
const HIDE_CURSOR = '\x1b[?25l';

const place = document.getElementById('terminal');
const state = document.getElementById('terminal-state');
const watching = place.dataset.watch !== undefined;

/**
 * xterm writes its sizes into style elements, which the policy of our pages forbids. Style sheets that
 * scripts construct are allowed: this element hands on to one what xterm writes.
 */
class StyleSheetElement extends HTMLElement {
  #sheet = new CSSStyleSheet();

  set textContent(rules) {
    this.#sheet.replaceSync(rules);
  }

  connectedCallback() {
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, this.#sheet];
  }

  disconnectedCallback() {
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== this.#sheet);
  }
}

customElements.define('constructed-style', StyleSheetElement);
const createElement = document.createElement.bind(document);
document.createElement = (name, options) =>
  createElement(name === 'style' ? 'constructed-style' : name, options);

// Colours of 24 bits are attributes `style` on spans, which the policy forbids, too; their properties it allows.
const { setAttribute } = HTMLElement.prototype;
HTMLSpanElement.prototype.setAttribute = function setSpanAttribute(name, value) {
  if (name === 'style') this.style.cssText = value;
  else setAttribute.call(this, name, value);
};

const terminal = new Terminal({
  convertEol: true,
  cursorBlink: false,
  disableStdin: true,
  fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--mono'),
  fontSize: 14,
  minimumContrastRatio: 4.5,
  screenReaderMode: true,
  theme: { background: '#15171b', foreground: '#e6e3dc' },
});
const fit = new FitAddon();
terminal.loadAddon(fit);
terminal.open(place.firstElementChild);
terminal.write(HIDE_CURSOR);
fit.fit();

const address = new URL(place.dataset.socket, location.href);
address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
const socket = new WebSocket(address);
socket.binaryType = 'arraybuffer';

function send(command, payload) {
  if (watching || socket.readyState !== WebSocket.OPEN) return;
  const message = new Uint8Array(HEADER + payload.length);
  const view = new DataView(message.buffer);
  view.setUint16(0, command, true);
  view.setUint32(4, payload.length, true);
  message.set(payload, HEADER);
  socket.send(message);
}

function sendSize() {
  const size = new Uint8Array(4);
  const view = new DataView(size.buffer);
  view.setUint16(0, terminal.rows, true);
  view.setUint16(2, terminal.cols, true);
  send(WINDOW_SIZE, size);
}

function type(text) {
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += PIECE) send(OUTPUT, bytes.subarray(at, at + PIECE));
}

/**
 * A session begins, and all that came before is on the screen. It has the keyboard and ends its lines itself.
 * It learns the size now, because the task may have had no console when the page opened.
 */
function begin() {
  terminal.options.convertEol = false;
  terminal.options.disableStdin = watching;
  state.textContent = watching ? 'Open; you may watch' : 'Open';
  sendSize();
  // Whoever reads or types elsewhere is not torn away.
  if (!watching && document.activeElement === document.body) terminal.focus();
}

function end(text) {
  terminal.options.convertEol = true;
  terminal.options.disableStdin = true;
  state.textContent = text;
}

/** Messages may be several in one frame. */
function take(bytes) {
  const view = new DataView(bytes);
  for (let at = 0; at + HEADER <= bytes.byteLength;) {
    const command = view.getUint16(at, true);
    const length = view.getUint32(at + 4, true);
    const payload = new Uint8Array(bytes, at + HEADER, length);
    if (command === OUTPUT) terminal.write(payload);
    if (command === RAW_ON) terminal.write(SHOW_CURSOR, begin);
    if (command === RAW_OFF) terminal.write(HIDE_CURSOR, () => end('The shell has ended'));
    if (command === LOG) {
      const record = new TextDecoder().decode(payload);
      terminal.writeln(`${OWN_WORDS}${record.slice(record.indexOf(':') + 1)}\x1b[0m`);
    }
    at += HEADER + length;
  }
}

socket.addEventListener('open', () => {
  state.textContent = 'Waiting for the shell …';
});
socket.addEventListener('message', ({ data }) => take(data));
socket.addEventListener('close', ({ code, reason }) => {
  const lost = `Connection lost${reason && ` (${reason})`}; load the page again to get back in`;
  terminal.write(HIDE_CURSOR, () => end(code === NORMAL ? 'Ended' : lost));
});
terminal.onData(type);
terminal.onResize(sendSize);
// Tab belongs to the shell, so another key leads out of it.
terminal.attachCustomKeyEventHandler(({ type: kind, ctrlKey, key }) => {
  if (!ctrlKey || key !== 'F6') return true;
  if (kind === 'keydown') document.getElementById('log').focus();
  return false;
});
new ResizeObserver(() => fit.fit()).observe(place);
