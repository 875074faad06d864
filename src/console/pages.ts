/** Lines that belong together, under a heading that each page repeats. */
export interface Section {
  readonly heading: string;
  readonly lines: readonly string[];
}

/** A line that says more about the one before it; it may begin with a colour. */
// oxlint-disable-next-line no-control-regex -- a colour begins with an escape character
const CONTINUES = /^(?:\u001b\[\d+m)? {4}/;

/** Sections on pages of at most `height` lines, each section on pages of its own. A line stays with what it continues, if it can. */
export function pagesOf(sections: readonly Section[], height: number): readonly (readonly string[])[] {
  return sections
    .filter(({ lines }) => lines.length > 0)
    .flatMap(({ heading, lines }) =>
      filled(lines, Math.max(1, height - 1)).map((page) => [heading, ...page].slice(0, height)),
    );
}

function filled(lines: readonly string[], height: number): readonly (readonly string[])[] {
  const pages: string[][] = [[]];
  for (const block of blocksOf(lines)) {
    const last = pages.at(-1);
    if (last && (last.length === 0 || last.length + block.length <= height)) last.push(...block);
    else pages.push([...block]);
  }
  return pages.flatMap((page) => cutInto(page, height));
}

function blocksOf(lines: readonly string[]): readonly (readonly string[])[] {
  const blocks: string[][] = [];
  for (const line of lines) {
    const last = blocks.at(-1);
    if (last && CONTINUES.test(line)) last.push(line);
    else blocks.push([line]);
  }
  return blocks;
}

function cutInto(lines: readonly string[], height: number): readonly (readonly string[])[] {
  const count = Math.ceil(lines.length / height);
  return Array.from({ length: count }, (_, index) => lines.slice(index * height, (index + 1) * height));
}
