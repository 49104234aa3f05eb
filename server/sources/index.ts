/** The sources in use: one line each. */

import { alternativeMe } from './alternative-me/alternative-me.ts';
import { binance } from './binance/binance.ts';
import { coingecko } from './coingecko/coingecko.ts';
import type { Source } from './source.ts';
import { taapi } from './taapi/taapi.ts';

/** Every source this server can ask. Which of them it does ask is the configuration's to say. */
export const SOURCES: readonly Source[] = [binance, coingecko, alternativeMe, taapi];
