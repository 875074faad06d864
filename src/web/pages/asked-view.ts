import type { Asked } from '../environment.ts';
import type { AssetStore } from './asset-store.ts';
import { type Language, isLanguage, preferredLanguage } from './language.ts';
import { TEXTS } from './texts/texts.ts';
import { address, type View } from './view.ts';

/**
 * How a page that is asked for is to be written. The language that is asked for by name goes before that which the browser
 * prefers, and stays in the links.
 */
export function viewOf(asked: Asked, assets: AssetStore, zone: string): View {
  const named = asked.req.query('lang');
  const chosen: Language | undefined = isLanguage(named) ? named : undefined;
  const language = chosen ?? preferredLanguage(asked.req.header('Accept-Language'));
  return {
    language,
    texts: TEXTS[language],
    zone,
    href: (path, query = {}) => address(path, { lang: chosen, ...query }),
    asset: (name) => `/ui/${assets.version}/${name}`,
  };
}
