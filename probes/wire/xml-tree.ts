/** An element of XML, without its namespaces: `dc:date` is told as `date`. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** All text within it, that of its children included, entities replaced. */
  readonly text: string;
}

/** Elements within elements beyond which a document is refused. */
const DEEPEST = 32;

const TOKEN =
  /<!--[\s\S]*?-->|<!\[CDATA\[([\s\S]*?)\]\]>|<\?[\s\S]*?\?>|<(\/?)([A-Za-z_][\w.:-]*)((?:[^<>"']|"[^"<]*"|'[^'<]*')*?)(\/?)>|([^<]+)/gy;
const ATTRIBUTE = /([A-Za-z_][\w.:-]*)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;

interface Open {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: XmlElement[];
  readonly text: string[];
}

/**
 * Reads a document (XML 1.0) of one root element. Undefined when its tags do not match, it nests too deep, or it has a
 * document type: entities of its own are nobody's need in a feed, and a known way to blow up a reader.
 */
export function readXml(document: string): XmlElement | undefined {
  const top: Open = { tag: '', attributes: {}, children: [], text: [] };
  const open: Open[] = [top];
  let end = document.startsWith('\uFEFF') ? 1 : 0;
  TOKEN.lastIndex = end;
  for (let token = TOKEN.exec(document); token; token = TOKEN.exec(document)) {
    end = TOKEN.lastIndex;
    if (!take(token, open)) return undefined;
  }
  const [root] = top.children;
  const whole = end === document.length && open.length === 1 && top.children.length === 1;
  return whole && root && !hasText(top) ? root : undefined;
}

/** Takes one token; false when it can't stand there. */
function take([, cdata, slash, tag, attributes = '', empty, text]: RegExpExecArray, open: Open[]): boolean {
  const current = open.at(-1);
  if (!current) return false;
  if (cdata !== undefined) current.text.push(cdata);
  else if (text !== undefined) current.text.push(replaceEntities(text));
  else if (tag !== undefined && slash === '/') return close(tag, open);
  else if (tag !== undefined) {
    if (open.length > DEEPEST) return false;
    open.push({ tag, attributes: attributesOf(attributes), children: [], text: [] });
    if (empty === '/') return close(tag, open);
  }
  return true;
}

function close(tag: string, open: Open[]): boolean {
  const closed = open.pop();
  const parent = open.at(-1);
  if (!closed || !parent || closed.tag !== tag) return false;
  const text = closed.text.join('');
  parent.children.push({
    name: localName(tag),
    attributes: closed.attributes,
    children: closed.children,
    text,
  });
  // The root's text is nobody's but its own.
  if (open.length > 1) parent.text.push(text);
  return true;
}

function hasText({ text }: Open): boolean {
  return text.join('').trim() !== '';
}

function attributesOf(text: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...text.matchAll(ATTRIBUTE)].map(([, name = '', double, single]) => [
      localName(name),
      replaceEntities(double ?? single ?? ''),
    ]),
  );
}

function localName(name: string): string {
  return name.slice(name.lastIndexOf(':') + 1);
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

/** One that is not predefined (XML 1.0 §4.6) is left as it stands. */
function replaceEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([\dA-Fa-f]{1,6})|(\w+));/g, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[String(name)] ?? whole;
    const code = decimal === undefined ? parseInt(String(hex), 16) : Number(decimal);
    return code > 0 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)
      ? String.fromCodePoint(code)
      : whole;
  });
}
