import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readStatusFeed } from '../../../probes/wire/status-feed.ts';
import { readXml } from '../../../probes/wire/xml-tree.ts';

const SUMMARY = {
  page: {
    id: 'p1',
    name: 'Example Cloud',
    url: 'https://status.example.org',
    updated_at: '2026-03-01T10:00:00Z',
  },
  components: [{ id: 'c1', name: 'API', status: 'partial_outage' }],
  incidents: [
    {
      id: 'i1',
      name: 'API errors',
      status: 'investigating',
      impact: 'major',
      created_at: '2026-03-01T09:00:00.000+01:00',
      updated_at: '2026-03-01T09:30:00Z',
      resolved_at: null,
      shortlink: 'https://stspg.io/i1',
      components: [{ id: 'c1', name: 'API' }],
    },
  ],
  scheduled_maintenances: [
    {
      id: 'm1',
      name: 'Upgrade',
      status: 'scheduled',
      created_at: '2026-02-20T08:00:00Z',
      scheduled_for: '2026-03-10T22:00:00Z',
      scheduled_until: '2026-03-11T00:00:00Z',
    },
  ],
  status: { indicator: 'major', description: 'Partial System Outage' },
};

const RSS = `<?xml version="1.0" encoding="UTF-8"?>
<!-- made by hand -->
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel>
 <title>Status &amp; news</title>
 <item><title><![CDATA[DNS <slow>]]></title><guid isPermaLink="false">g1</guid><link>https://status.example.org/1</link>
  <pubDate>Sun, 01 Mar 2026 10:00:00 +0100</pubDate><category>DNS</category><category>Network</category></item>
 <item><title>Second</title><link>javascript:alert(1)</link><dc:date>2026-03-01T11:00:00Z</dc:date></item>
 <item><link>https://status.example.org/untitled</link></item>
</channel></rss>`;

const ATOM = `<feed xmlns="http://www.w3.org/2005/Atom"><title>Status</title>
 <entry><id>tag:1</id><title>Volumes</title><published>2026-03-01T10:00:00Z</published><updated>2026-03-01T11:00:00Z</updated>
  <link rel="self" href="https://status.example.org/self"/><link href='https://status.example.org/1?a=1&amp;b=2'/>
  <category term="Storage"/></entry></feed>`;

describe('status feed: Statuspage summary', () => {
  it('incidents and maintenance, with their spans', () => {
    expect(readStatusFeed(JSON.stringify(SUMMARY))).toEqual({
      format: 'statuspage',
      title: 'Example Cloud',
      indicator: 'major',
      entries: [
        {
          id: 'i1',
          title: 'API errors',
          kind: 'incident',
          status: 'investigating',
          fromMs: Date.parse('2026-03-01T08:00:00Z'),
          toMs: undefined,
          updatedMs: Date.parse('2026-03-01T09:30:00Z'),
          link: 'https://stspg.io/i1',
          components: ['API'],
        },
        {
          id: 'm1',
          title: 'Upgrade',
          kind: 'maintenance',
          status: 'scheduled',
          fromMs: Date.parse('2026-03-10T22:00:00Z'),
          toMs: Date.parse('2026-03-11T00:00:00Z'),
          updatedMs: undefined,
          link: undefined,
          components: [],
        },
      ],
    });
  });

  it('members that are not what they should be are left out', () => {
    const incidents = [null, 7, {}, { name: 'kept', id: 3, created_at: 'yesterday', components: 'all' }];
    expect(readStatusFeed(JSON.stringify({ ...SUMMARY, incidents }))?.entries).toMatchObject([
      { id: 'kept', title: 'kept', fromMs: undefined, components: [] },
      { id: 'm1' },
    ]);
  });

  it('long and broken texts become one short line, and of very many entries some are kept', () => {
    const incidents = Array.from({ length: 5_000 }, () => ({ name: `a\n\u0000b ${'x'.repeat(10_000)}` }));
    const feed = readStatusFeed(JSON.stringify({ ...SUMMARY, incidents }));
    expect(feed?.entries).toHaveLength(200);
    expect(feed?.entries[0]?.title).toMatch(/^a b x{196}…$/);
  });
});

describe('status feed: RSS and Atom', () => {
  it('RSS 2.0: items with a title, and no link that a browser would run', () => {
    expect(readStatusFeed(RSS)).toMatchObject({
      format: 'rss',
      title: 'Status & news',
      entries: [
        {
          id: 'g1',
          title: 'DNS <slow>',
          kind: 'post',
          link: 'https://status.example.org/1',
          fromMs: Date.parse('2026-03-01T09:00:00Z'),
          components: ['DNS', 'Network'],
        },
        { id: 'Second', title: 'Second', link: undefined, fromMs: Date.parse('2026-03-01T11:00:00Z') },
      ],
    });
    expect(readStatusFeed(RSS)?.entries).toHaveLength(2);
  });

  it('Atom: entries, with the link for people', () => {
    expect(readStatusFeed(ATOM)?.entries).toMatchObject([
      {
        id: 'tag:1',
        title: 'Volumes',
        fromMs: Date.parse('2026-03-01T10:00:00Z'),
        updatedMs: Date.parse('2026-03-01T11:00:00Z'),
        link: 'https://status.example.org/1?a=1&b=2',
        components: ['Storage'],
      },
    ]);
  });
});

describe('status feed: what is none', () => {
  it.each([
    ['nothing', ''],
    ['a word', 'Service Unavailable'],
    ['a page', '<!DOCTYPE html><html><body><h1>503</h1></body></html>'],
    ['another document', '<status>fine</status>'],
    ['RSS without a channel', '<rss version="2.0"></rss>'],
    ['JSON of something else', '{"ok":true}'],
    ['a list', '[1]'],
    ['JSON cut short', JSON.stringify(SUMMARY).slice(0, -20)],
    ['RSS cut short', RSS.slice(0, -20)],
    ['tags that cross', '<rss><channel><title>a</channel></title></rss>'],
    ['two roots', '<rss><channel/></rss><rss><channel/></rss>'],
    ['text after the root', `${ATOM}tail`],
    ['entities of its own', `<!DOCTYPE rss [<!ENTITY a "aaaa">]>${RSS.slice(RSS.indexOf('<rss'))}`],
    ['nested too deep', `${'<rss>'.repeat(100)}${'</rss>'.repeat(100)}`],
    ['an end tag alone', '</rss>'],
  ])('%s', (_case, text) => {
    expect(readStatusFeed(text)).toBeUndefined();
  });

  it.each(['<a><b></a></b>', '<a></b>', '<a>', '<a/><a/>', '<a>&</a', ' text <a/>'])(
    'XML that is not well formed: %s',
    (document) => {
      expect(readXml(document)).toBeUndefined();
    },
  );

  it('any text is read or refused, never thrown at', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ maxLength: 300 }), pieces()), (text) => {
        readStatusFeed(text);
        readXml(text);
      }),
      { numRuns: 500 },
    );
  });

  it('a megabyte of anything is read in no time', () => {
    const startedMs = Date.now();
    for (const piece of ['<', '<a ', '<a b="', '&amp;', '<!--', '<![CDATA[', '<a>', "<a b='c' ", ' \n'])
      readStatusFeed(`<rss>${piece.repeat(1_048_576 / piece.length)}`);
    expect(Date.now() - startedMs).toBeLessThan(3_000);
  });
});

/** Texts made of what XML is made of. */
function pieces(): fc.Arbitrary<string> {
  const words = [
    '<rss>',
    '</rss>',
    '<channel>',
    '</channel>',
    '<item/>',
    '<![CDATA[',
    ']]>',
    '<!--',
    '-->',
    '&#x41;',
  ];
  return fc
    .array(fc.constantFrom(...words, '&#xD800;', 'text', '<?xml ?>', ' a="b"'), { maxLength: 30 })
    .map((all) => all.join(''));
}
