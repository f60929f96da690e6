/** An element of an XML document: its text, or its children. */
export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

const MAX_DEPTH = 50;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: '\'' };
// A comment, CDATA section or declaration, a tag, or text.
const TOKEN = /<!--[^]*?-->|<!\[CDATA\[([^]*?)\]\]>|<\?[^]*?\?>|<(\/?)([A-Za-z_][\w:.-]*)(?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(\/?)>|([^<]+)/gy;

/** Parses a response of an AWS query API. Attributes and namespaces are ignored. Throws if it is not well-formed, and if it declares a document type. */
export function parseXml(xml: string): XmlElement {
  const root = { name: '', text: '', children: [] as XmlElement[] };
  const open = [root];
  TOKEN.lastIndex = 0;
  for (let end = 0; end < xml.length; end = TOKEN.lastIndex) {
    const [, data, slash, name, empty, text] = TOKEN.exec(xml) ?? unreadable();
    const current = open[open.length - 1];
    if (data !== undefined || text !== undefined) {
      current.text += data ?? decoded(text);
    } else if (slash === '/') {
      if (current.name !== name) unreadable();
      open.pop();
    } else if (name !== undefined) {
      const element = { name, text: '', children: [] };
      current.children.push(element);
      if (empty === '') open.push(element);
      if (open.length > MAX_DEPTH) unreadable();
    }
  }
  const [only, ...others] = root.children;
  return open.length === 1 && only !== undefined && others.length === 0 && root.text.trim() === '' ? only : unreadable();
}

/** The first element on a path of names below an element. */
export function elementAt(element: XmlElement | undefined, ...path: string[]): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>((parent, name) => parent?.children.find(each => each.name === name), element);
}

/** The text of the first element on a path of names. `undefined` if there is none, or if it is empty. */
export function textAt(element: XmlElement | undefined, ...path: string[]): string | undefined {
  const text = elementAt(element, ...path)?.text.trim();
  return text === '' ? undefined : text;
}

/** The members of a list. */
export function membersAt(element: XmlElement | undefined, ...path: string[]): readonly XmlElement[] {
  return elementAt(element, ...path)?.children.filter(({ name }) => name === 'member') ?? [];
}

function decoded(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w+));/gi, (whole, decimal?: string, hex?: string, name = '') => {
    const code = decimal !== undefined ? parseInt(decimal, 10) : hex !== undefined ? parseInt(hex, 16) : undefined;
    return code === undefined ? ENTITIES[name] ?? whole : code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

function unreadable(): never {
  throw new Error('it is not XML');
}
