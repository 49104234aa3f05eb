/** The page's icon: one rising line, the same on light and on dark tabs. */

const SVG =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7" fill="#1F57D6"/><path d="M5 22l7-8 5 4 10-10" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>';

/** The drawing as it is sent. */
export const ICON_BYTES = new TextEncoder().encode(SVG);
