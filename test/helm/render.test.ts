import { describe, expect, it } from 'vitest';
import { EXAMPLES, helm4, HELM_TROUBLE, HELMS, runHelm, template } from './chart.ts';

/** Deep whitespace at line ends is nothing that a reader could see in a diff. */
const TRAILING_BLANK = /[ \t]+$/m;
/** Dashboards are long, and held elsewhere. */
const DASHBOARD = /^( {2}[\w-]+\.json:).*$/gm;

describe.skipIf(HELM_TROUBLE)(`the chart, rendered (${HELM_TROUBLE ?? 'helm 3 and helm 4'})`, () => {
  describe.each(HELMS)('$name', (helm) => {
    it.each(['no values', ...EXAMPLES])('lints strictly and renders what is on record: %s', async (name) => {
      const values = name === 'no values' ? {} : { example: name };
      const lint = runHelm(helm, ['lint', '--strict'], values);
      expect(`${lint.text}${lint.trouble}`).toContain('1 chart(s) linted, 0 chart(s) failed');
      const { code, text, trouble } = template(helm, values);
      expect(trouble).toBe('');
      expect(code).toBe(0);
      expect(text).not.toMatch(TRAILING_BLANK);
      await expect(text.replaceAll(DASHBOARD, '$1')).toMatchFileSnapshot(
        `../golden/helm/${name.replace(' ', '-')}.yaml`,
      );
    });
  });

  // Helm 3 asks a server before it shows them.
  it.each(['no values', 'three-azs', 'host-network'])('says what to look at first: %s', async (name) => {
    const values = name === 'no values' ? {} : { example: name };
    const { code, text, trouble } = runHelm(helm4, ['install', 'vigie', '--dry-run=client'], values);
    expect([code, trouble]).toEqual([0, '']);
    const notes = text.slice(text.indexOf('NOTES:'));
    expect(notes).toContain('Look here first');
    await expect(notes).toMatchFileSnapshot(`../golden/helm/notes-${name.replace(' ', '-')}.txt`);
  });
});
