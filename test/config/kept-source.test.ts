import { hashSync } from 'bcryptjs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { keptSource } from '../../src/config/kept-source.ts';

const HASH = hashSync('x', 4);

describe('keptSource', () => {
  it.each([
    ['plain', `web: { users: { a: ${HASH} } }`],
    ['single quotes', `a: '${HASH}'`],
    ['double quotes, escaped', `a: "\\u0024${HASH.slice(1)}"\nb: 1`],
    ['double quotes, over two lines', `a: "${HASH.slice(0, 30)}\\\n   ${HASH.slice(30)}"\nb: 1`],
    ['a block', `a: |-\n  ${HASH}\nb: 1`],
    ['an anchor', `a: &one ${HASH}\nb: *one`],
    ['within a text of a flow map', `{ a: before ${HASH} after, b: 2 }`],
    ['a key', `? "\\x24${HASH.slice(1)}"\n: 1`],
    ['several', `a: ${HASH}\nb: "\\x24${HASH.slice(1)}"\nc: ${HASH.replace('$2b', '$2y')}`],
  ])('takes a password hash out: %s', (_, text) => {
    const kept = keptSource(text);
    const secret = HASH.slice(7);
    expect(kept).not.toContain(secret.slice(0, 20));
    expect(kept).not.toContain(secret.slice(-20));
    expect(JSON.stringify(parse(kept))).toContain('(secret)');
    expect(keptSource(kept)).toBe(kept);
  });

  it('leaves everything else as it is, to the byte', () => {
    const text = `# $2b$ is how a hash begins\r\na:  'x' \nb: {c: [1,  2]}\n\n`;
    expect(keptSource(text)).toBe(text);
    const more = `${text}hash: ${HASH} # last\n`;
    expect(keptSource(more)).toBe(`${text}hash: (secret) # last\n`);
  });

  it('takes it out of what is no YAML, too', () => {
    expect(keptSource(`{ [ ${HASH}`)).toBe('{ [ (secret)');
  });
});
