import type { Language } from '../language.ts';
import { en } from './en.ts';
import { fr } from './fr.ts';

/** Every word of the pages in one language. */
export type Texts = typeof en;

/** The catalogues. */
export const TEXTS: Readonly<Record<Language, Texts>> = { en, fr };
