import type { Language } from '../language.ts';
import { en } from './en.ts';
import type { terms } from './en/terms.ts';
import { fr } from './fr.ts';

/** Every word of the pages in one language. */
export type Texts = typeof en;

/** The words that all pages use, in one language. */
export type Terms = typeof terms;

/** The catalogues. */
export const TEXTS: Readonly<Record<Language, Texts>> = { en, fr };
