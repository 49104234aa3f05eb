/** The chart's colours and sizes. A canvas cannot read custom properties, so they are read for it, and anew when they change. */

/** Colours as the browser computes them; sizes in pixels. */
export interface Look {
  readonly line: string;
  readonly up: string;
  readonly down: string;
  readonly strip: string;
  readonly guide: string;
  readonly grid: string;
  readonly text: string;
  readonly ground: string;
  readonly font: string;
  readonly fontSize: number;
  readonly stripHeight: number;
}

/** `--type-note`, of the root's own size: a visitor's larger letters count. */
const NOTE_REM = 0.75;

/** @param element of the chart: properties may differ below the root */
export function readLook(element: Element): Look {
  const style = getComputedStyle(element);
  const read = (name: `--${string}`) => style.getPropertyValue(name).trim();
  const rootPx = Number.parseFloat(getComputedStyle(document.documentElement).fontSize);
  return {
    line: read('--accent'),
    up: read('--up'),
    down: read('--down'),
    strip: read('--share-eth'),
    guide: read('--border-strong'),
    grid: read('--border'),
    text: read('--muted'),
    ground: read('--surface'),
    font: read('--font'),
    fontSize: rootPx * NOTE_REM,
    stripHeight: Number.parseFloat(read('--strip-height')),
  };
}

/** What changes the look besides the page's own attributes; the last two are the widths of the chart's heights. */
const QUERIES = [
  '(prefers-color-scheme: dark)',
  '(forced-colors: active)',
  'print',
  '(width >= 480px)',
  '(width >= 1024px)',
];

/** Calls `listener` after every change of theme, colour pair, medium or size; the result stops that. */
export function watchLook(listener: () => void): () => void {
  const observer = new MutationObserver(listener);
  observer.observe(document.documentElement, {
    attributeFilter: ['data-theme', 'data-colours', 'style'],
  });
  const queries = QUERIES.map((query) => matchMedia(query));
  for (const query of queries) query.addEventListener('change', listener);
  return () => {
    observer.disconnect();
    for (const query of queries) query.removeEventListener('change', listener);
  };
}
