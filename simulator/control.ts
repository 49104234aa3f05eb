/** The control API under `/_sim/`: faults, figures and the request log, for the tests and for trying things by hand. */

import * as v from 'valibot';
import type { HttpErrorCode } from '../contract/index.ts';
import { isAccepted, type NumberKind } from '../contract/index.ts';
import { FaultSchema, type Faults } from './faults.ts';
import { type Market, SETTABLE, type SettableFigure } from './market.ts';
import type { RequestLog } from './request-log.ts';
import { EXCHANGES } from './ticker.ts';
import { type Answer, json } from './upstreams/upstream.ts';

/** Every path of the control API begins with this. */
export const CONTROL_PREFIX = '/_sim/';

/** What the control API controls. */
export interface Controlled {
  readonly market: Market;
  readonly faults: Faults;
  readonly log: RequestLog;
  /** The routes that can have a fault. */
  readonly routes: readonly string[];
}

/** A request to the control API. `body` is `null` when it was too long. */
export interface ControlRequest {
  readonly method: string;
  readonly path: string;
  readonly body: string | null;
}

type Action = (controlled: Controlled, body: string | null) => unknown;

/** An input that was refused; the message goes to whoever sent it. */
class Refusal extends Error {}

const ACTIONS: Readonly<Record<string, Readonly<Record<string, Action>>>> = {
  '/_sim/requests': {
    GET: ({ log }) => log.view(),
    DELETE({ log }) {
      log.clear();
      return log.view();
    },
  },
  '/_sim/faults': {
    GET: ({ faults }) => faults.all(),
    PUT({ faults, routes }, body) {
      faults.set(read(faultsSchema(routes), body));
      return faults.all();
    },
    DELETE({ faults }) {
      faults.clear();
      return faults.all();
    },
  },
  '/_sim/market': {
    GET: ({ market }) => marketView(market),
    PUT({ market }, body) {
      market.set(read(MARKET_SCHEMA, body));
      return marketView(market);
    },
  },
  '/_sim/step': {
    POST({ market }) {
      market.step();
      return marketView(market);
    },
  },
};

/** Answers a request to the control API; what does not fit is a 400 that says why. */
export function control(controlled: Controlled, request: ControlRequest): Answer {
  const actions = ACTIONS[request.path];
  if (!actions) return refused(404, 'not_found', `there is ${Object.keys(ACTIONS).join(', ')}`);
  const action = actions[request.method];
  if (!action) {
    const allow = Object.keys(actions).join(', ');
    const answer = refused(405, 'method_not_allowed', `${allow} only`);
    return { ...answer, headers: { ...answer.headers, allow } };
  }
  try {
    return json(action(controlled, request.body));
  } catch (error) {
    if (error instanceof Refusal) return refused(400, 'bad_request', error.message);
    throw error;
  }
}

/** An error in the product's own form. */
export const refused = (status: number, code: HttpErrorCode, message: string): Answer =>
  json({ error: { code, message } }, status);

/** The market as `GET /_sim/market` gives it. */
export const marketView = (market: Market) => ({
  ...market.figures(),
  frozen: market.isFrozen(),
  exchange_offset_percent: market.offsets(),
  us_market_open: market.isUsMarketOpen(),
  held: market.held(),
});

const KINDS: Readonly<Record<SettableFigure, NumberKind>> = {
  btc_price_usd: 'price',
  btc_change_24h: 'percent',
  market_cap: 'amount',
  market_cap_change_24h: 'percent',
  volume_24h: 'amount',
  volume_change_24h: 'percent',
  btc_dominance: 'dominance',
  eth_dominance: 'dominance',
  fng_value: 'fng',
  rsi_14_taapi: 'rsi',
};

/** A figure in the range in which it may be shown; what lies outside is a fault, and faults have their own place. */
const figureSchema = (kind: NumberKind) =>
  v.optional(
    v.nullable(
      v.pipe(
        v.number(),
        v.check((value) => isAccepted(kind, value), `out of range for a ${kind}`),
      ),
    ),
  );

/** As far off as a price can be set at all. */
const MAX_OFFSET_PCT = 1000;

const MARKET_SCHEMA = v.strictObject({
  ...mapFigures((figure) => figureSchema(KINDS[figure])),
  frozen: v.optional(v.boolean()),
  us_market_open: v.optional(v.boolean()),
  exchange_offset_percent: v.optional(
    v.strictObject(
      v.entriesFromList(
        EXCHANGES,
        v.optional(v.nullable(v.pipe(v.number(), v.gtValue(-100), v.maxValue(MAX_OFFSET_PCT)))),
      ),
    ),
  ),
});

function mapFigures<T>(map: (figure: SettableFigure) => T): Record<SettableFigure, T> {
  const entries = SETTABLE.map((figure) => [figure, map(figure)]);
  // Every figure is among the entries, so the record is whole.
  return Object.fromEntries(entries) as Record<SettableFigure, T>;
}

const faultsSchema = (routes: readonly string[]) =>
  v.record(
    v.picklist(routes, `is not a route; the routes are ${routes.join(', ')}`),
    v.nullable(FaultSchema),
  );

function read<S extends v.GenericSchema>(schema: S, body: string | null): v.InferOutput<S> {
  const value = parseJson(body);
  // Valibot takes an array for an object without keys.
  if (Array.isArray(value)) throw new Refusal('the body must be an object');
  const parsed = v.safeParse(schema, value);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new Refusal(`${v.getDotPath(issue) ?? 'body'}: ${issue.message}`);
}

function parseJson(body: string | null): unknown {
  if (body === null) throw new Refusal('the body is too long');
  try {
    return JSON.parse(body);
  } catch {
    throw new Refusal('the body is not JSON');
  }
}
