/** From the document to signals: what the cards read, judged by the server's clock, and frozen by the pause. */

export type { Link, RefreshResult, Snapshot } from '../../client/index.ts';
export type { CoinFigure, CoinValues, LiveCoins } from './coin-figure.ts';
export * from './connect.ts';
export * from './figures.ts';
export type { Flash } from './flash.ts';
export { type History, historyPath, type ShownHistory } from './history.ts';
export * from './live.ts';
export type { HistoryRow } from './read-history.ts';
export type { Figure, Judgement, Standing } from './standing.ts';
export type { Visibility } from './ticker.ts';
