/** What stands where a figure is not known. */
export const DASH = '—';
