const ELEMENT = /^\s*(?:<\?xml[^>]*\?>\s*)?<([A-Za-z][\w:.-]*)(?:\s[^>]*)?>[\s\S]*<\/\1>\s*$/;

/**
 * Whether a text is one XML element from its start tag to its end tag, and not a page of HTML. What is inside is not
 * looked at: enough to tell an answer of the AWS-style services from a page, and from one cut short.
 */
export function isXmlDocument(text: string): boolean {
  const root = ELEMENT.exec(text)?.[1];
  return root !== undefined && root.toLowerCase() !== 'html';
}

/** The text of the first element of that name that holds text alone; undefined when there is none. */
export function xmlField(xml: string, name: string): string | undefined {
  return xmlFields(xml, name)[0];
}

/** The texts of all elements of that name that hold text alone and are not empty. */
export function xmlFields(xml: string, name: string): readonly string[] {
  return [...xml.matchAll(new RegExp(`<${name}>([^<]+)</${name}>`, 'g'))].map(([, text = '']) => text.trim());
}
