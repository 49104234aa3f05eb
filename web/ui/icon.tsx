/** The page's own icons: one line of even weight on a grid of 16. */

const PATHS = {
  refresh: 'M13.25 8A5.25 5.25 0 1 1 11.6 4.2L13.5 6M13.5 2.5V6H10',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  play: 'M5 3.25v9.5L12.5 8Z',
  print: 'M4.5 6V2.5h7V6M4.5 11.5h-2V6h11v5.5h-2M4.5 9.5h7v4h-7Z',
  sun: 'M8 5.25a2.75 2.75 0 1 1 0 5.5a2.75 2.75 0 1 1 0-5.5ZM8 1.5v1M8 13.5v1M1.5 8h1M13.5 8h1M3.4 3.4l.7.7M11.9 11.9l.7.7M3.4 12.6l.7-.7M11.9 4.1l.7-.7',
  moon: 'M13.5 9.6A5.75 5.75 0 1 1 6.4 2.5A4.75 4.75 0 0 0 13.5 9.6Z',
  system: 'M2 3h12v8H2ZM8 11v2.5M5.5 13.5h5',
  menu: 'M2.5 4.5h11M2.5 8h11M2.5 11.5h11',
  close: 'M4 4l8 8M12 4l-8 8',
  warning: 'M8 2.5L14.25 13.5H1.75ZM8 6.5v3.25M8 11.5v.25',
  more: 'M3 8v.01M8 8v.01M13 8v.01',
  why: 'M8 1.75a6.25 6.25 0 1 1 0 12.5a6.25 6.25 0 1 1 0-12.5ZM6.1 6.3A1.95 1.95 0 1 1 8.6 8.2Q8 8.4 8 9.2M8 11.4v.2',
  external: 'M6.5 3.5h-3v9h9v-3M9 2.5h4.5V7M13.5 2.5L7.5 8.5',
} as const;

/** What there is an icon for. */
export type IconName = keyof typeof PATHS;

/** In the colour of the text around it; hidden from assistive technology, so whatever holds it needs a name. */
export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
