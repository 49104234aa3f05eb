/** The words of the page in Vietnamese and English; a key without a translation does not compile. */

export * from './bands.ts';
export type { Key } from './en.ts';
export * from './language.ts';
export * from './translator.ts';
