// A terminal on an interactive task. Both ways carry the messages of its journal: command (16 bits), two
// bytes of zero, length (32 bits), payload; little endian.
import { FitAddon } from './vendor/xterm-fit.js';
import { Terminal } from './vendor/xterm.js';

const HEADER = 8;
const LOG = 0;
const OUTPUT = 1;
const WINDOW_SIZE = 4;

const place = document.getElementById('terminal');
const state = document.getElementById('terminal-state');

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

const terminal = new Terminal({
  convertEol: true,
  cursorBlink: false,
  fontFamily: getComputedStyle(document.documentElement).getPropertyValue('--mono'),
  fontSize: 14,
  screenReaderMode: true,
  theme: { background: '#15171b', foreground: '#e6e3dc' },
});
const fit = new FitAddon();
terminal.loadAddon(fit);
terminal.open(place.firstElementChild);
fit.fit();

const address = new URL(place.dataset.socket, location.href);
address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
const socket = new WebSocket(address);
socket.binaryType = 'arraybuffer';

function send(command, payload) {
  if (socket.readyState !== WebSocket.OPEN) return;
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

/** Messages may be several in one frame. */
function take(bytes) {
  const view = new DataView(bytes);
  for (let at = 0; at + HEADER <= bytes.byteLength;) {
    const length = view.getUint32(at + 4, true);
    const payload = new Uint8Array(bytes, at + HEADER, length);
    if (view.getUint16(at, true) === OUTPUT) terminal.write(payload);
    if (view.getUint16(at, true) === LOG) {
      const record = new TextDecoder().decode(payload);
      terminal.writeln(`\x1b[2m${record.slice(record.indexOf(':') + 1)}\x1b[0m`);
    }
    at += HEADER + length;
  }
}

socket.addEventListener('open', () => {
  state.textContent = 'Connected';
  sendSize();
  terminal.focus();
});
socket.addEventListener('message', ({ data }) => take(data));
socket.addEventListener('close', ({ reason }) => {
  state.textContent = reason === '' ? 'Ended' : `Ended: ${reason}`;
  terminal.options.disableStdin = true;
});
terminal.onData((typed) => send(OUTPUT, new TextEncoder().encode(typed)));
terminal.onResize(sendSize);
new ResizeObserver(() => fit.fit()).observe(place);
