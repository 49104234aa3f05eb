/** The locales numbers and dates are written in. */

/** Locale by language of the page. */
export const LOCALES = { vi: 'vi-VN', en: 'en-US' } as const;

/** A language numbers and dates can be written in. */
export type FormatLanguage = keyof typeof LOCALES;

/**
 * One formatter for each language, made when it is first needed and kept: making one costs a thousand times what
 * using it does, and a page rarely speaks more than one language.
 */
export function perLanguage<T>(create: (locale: string) => T): (language: FormatLanguage) => T {
  const made: Partial<Record<FormatLanguage, T>> = {};
  return (language) => {
    made[language] ??= create(LOCALES[language]);
    return made[language];
  };
}

/** Never breaks a line. Stands between a number and its unit. */
export const NBSP = '\u00a0';
