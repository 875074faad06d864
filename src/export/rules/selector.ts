/** Labels that the series of this vigie have in Prometheus beside vigie's own, and its alerts with them; by name. */
export type ExtraLabels = Readonly<Record<string, string>>;

/** A selector of series: labels of one text each, and labels of one text among several. Empty for neither. */
export function selector(
  equal: ExtraLabels,
  oneOf: Readonly<Record<string, readonly string[]>> = {},
): string {
  const choices = Object.entries(oneOf).map(([name, texts]) => choice(name, texts));
  const inner = [...choices, matchers(equal)].filter((text) => text !== '').join(',');
  return inner === '' ? '' : `{${inner}}`;
}

/** Matchers of labels without the braces around them. */
export function matchers(labels: ExtraLabels): string {
  return Object.entries(labels)
    .map(([name, text]) => `${name}=${JSON.stringify(text)}`)
    .join(',');
}

/** Of what may stand in the ids of rows and the names of alerts, only the dot means something else in a pattern. */
function choice(name: string, texts: readonly string[]): string {
  const [only, ...others] = texts;
  if (only !== undefined && others.length === 0) return matchers({ [name]: only });
  return `${name}=~"${texts.map((text) => text.replaceAll('.', '[.]')).join('|')}"`;
}
