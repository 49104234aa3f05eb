/** The page's dumb parts: they draw what they are given and know neither the document nor the connection. */

export * from './card.tsx';
export * from './chip.tsx';
export * from './controls.tsx';
export * from './dash.ts';
export * from './details.tsx';
export * from './doughnut.tsx';
export * from './figure-note.tsx';
export * from './figures.tsx';
export * from './gauge.tsx';
export * from './icon.tsx';
export type { TimedValue } from './line-path.ts';
export * from './notices.tsx';
export * from './sentence.tsx';
export * from './sparkline.tsx';
export * from './state-dot.tsx';
export * from './unavailable.tsx';
