/** The languages of the pages; the first is that of whoever asks for none of them. */
export const LANGUAGES = ['en', 'fr'] as const;
export type Language = (typeof LANGUAGES)[number];

/** Whether a word names a language of the pages. */
export function isLanguage(word: string | undefined): word is Language {
  return LANGUAGES.some((language) => language === word);
}

/** The language that an Accept-Language header prefers among ours (RFC 9110, 12.5.4). */
export function preferredLanguage(accept: string | undefined): Language {
  const wishes = (accept ?? '').slice(0, 500).split(',').map(wishOf);
  const ranked = wishes.filter(({ quality }) => quality > 0).sort((a, b) => b.quality - a.quality);
  for (const { language } of ranked) if (isLanguage(language)) return language;
  return LANGUAGES[0];
}

function wishOf(text: string): { readonly language: string; readonly quality: number } {
  const [range = '', ...parameters] = text.split(';').map((part) => part.trim());
  const weight = parameters.find((parameter) => /^q=/i.test(parameter));
  const quality = weight === undefined ? 1 : Number(weight.slice(2));
  return { language: range.split('-')[0]?.toLowerCase() ?? '', quality: Number.isNaN(quality) ? 0 : quality };
}
