export interface XmlElement {
  name: string;
  attributes: Record<string, string>;
  children: XmlElement[];
  text: string;
}

/** As much of XML as repositories of packages are made of. */
export function parseXml(document: string): XmlElement {
  const root: XmlElement = { name: '', attributes: {}, children: [], text: '' };
  const open = [root];
  for (const [, closing, name = '', attributes = '', empty, text = ''] of document.matchAll(
    /<(\/?)([\w:-]+)((?:\s+[\w:-]+="[^"]*")*)\s*(\/?)>([^<]*)/g,
  )) {
    if (closing === '/') {
      open.pop();
    } else {
      const element: XmlElement = {
        name,
        attributes: Object.fromEntries(
          [...attributes.matchAll(/([\w:-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [
            key,
            unescape(value),
          ]),
        ),
        children: [],
        text: '',
      };
      open.at(-1)?.children.push(element);
      if (empty !== '/') {
        element.text = unescape(text);
        open.push(element);
      }
    }
  }
  // What is between elements tells nothing.
  for (const element of flat(root)) if (element.children.length > 0) element.text = '';
  return root.children[0] ?? root;
}

export function textOf(element: XmlElement, child: string): string {
  return element.children.find(({ name }) => name === child)?.text ?? '';
}

function flat(element: XmlElement): XmlElement[] {
  return [element, ...element.children.flatMap(flat)];
}

function unescape(text: string): string {
  return text
    .replace(/&#(\d+);/g, (_, code) => String.fromCodePoint(Number(code)))
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&');
}
