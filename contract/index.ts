/** The shared language of server, client, page and simulator: types and constants, no I/O, no dependency. */

export * from './clock.ts';
export * from './close-codes.ts';
export * from './coins.ts';
export * from './document.ts';
export * from './figures.ts';
export * from './frames.ts';
export * from './freshness.ts';
export * from './history.ts';
export * from './http.ts';
export * from './patch.ts';
export * from './paths.ts';
export * from './position.ts';
export * from './sources.ts';
