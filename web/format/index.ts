/** Numbers, dates and ages as the page writes them, the same on the server and in every browser. Absent data is not formatted here. */

export * from './age.ts';
export { type FormatLanguage, LOCALES, NBSP } from './locale.ts';
export * from './money.ts';
export * from './percent.ts';
export * from './time.ts';
