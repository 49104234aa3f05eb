/** The languages of the page. */

/** Vietnamese or English. */
export type Language = 'vi' | 'en';

/** All languages, the first visit's fallback last. */
export const LANGUAGES = ['vi', 'en'] as const satisfies readonly Language[];
