// Packs files of the browser into a tar archive (POSIX.1-2017 pax, "ustar Interchange Format").

const BLOCK = 512;
const NAME_BYTES = 100;
const PREFIX_BYTES = 155;
const text = new TextEncoder();

/**
 * @param {{path: string, file: Blob, executable: boolean}[]} members
 * @returns {Promise<Blob>} gzip
 * @throws {Error} naming a path that is too long for the format
 */
export async function packTarGz(members) {
  const parts = [];
  for (const { path, file, executable } of members) {
    parts.push(header(path, file.size, executable ? 0o755 : 0o644), file);
    parts.push(new Uint8Array((BLOCK - (file.size % BLOCK)) % BLOCK));
  }
  parts.push(new Uint8Array(2 * BLOCK));
  const packed = new Blob(parts).stream().pipeThrough(new CompressionStream('gzip'));
  return new Response(packed).blob();
}

function header(path, size, mode) {
  const { name, prefix } = split(path);
  const block = new Uint8Array(BLOCK);
  const put = (value, at) => block.set(text.encode(value), at);
  const octal = (value, digits) => `${value.toString(8).padStart(digits, '0')}\0`;
  put(name, 0);
  put(octal(mode, 7), 100);
  put(octal(0, 7), 108);
  put(octal(0, 7), 116);
  put(octal(size, 11), 124);
  put(octal(Math.floor(Date.now() / 1000), 11), 136);
  put('        0', 148);
  put('ustar\x0000', 257);
  put(prefix, 345);
  const sum = block.reduce((total, byte) => total + byte, 0);
  put(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return block;
}

/** A long path is cut at a slash into prefix and name. */
function split(path) {
  if (text.encode(path).length <= NAME_BYTES) return { name: path, prefix: '' };
  for (let at = path.indexOf('/'); at > 0; at = path.indexOf('/', at + 1)) {
    const [prefix, name] = [path.slice(0, at), path.slice(at + 1)];
    if (text.encode(prefix).length <= PREFIX_BYTES && text.encode(name).length <= NAME_BYTES) {
      return { name, prefix };
    }
  }
  throw new Error(`the path "${path}" is too long`);
}
