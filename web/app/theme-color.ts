/** The colour of a browser's own bars around the page; the style sheet's `--bg`, which a meta element cannot name. */
export const THEME_COLORS = { light: '#f5f7fa', dark: '#0b0e13' } as const;
