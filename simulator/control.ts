/** The control API under `/_sim/`: faults, states, quotas, figures and the request log, for the tests and for trying things by hand. */

import * as v from 'valibot';
import { type HttpErrorCode, SOURCE_IDS } from '../contract/index.ts';
import { FaultSchema, type Faults } from './faults.ts';
import type { Market } from './market.ts';
import { MarketSchema } from './market-schema.ts';
import { QuotaSchema, type Quotas } from './quotas.ts';
import type { RequestLog } from './request-log.ts';
import { StreamActionSchema, StreamFaultsSchema } from './streams/stream-faults.ts';
import type { StreamSide } from './streams/stream-side.ts';
import { EXCHANGES } from './ticker.ts';
import { BLOCKS, UPSTREAM_STATES, type UpstreamStates } from './upstream-states.ts';
import { type Answer, json } from './upstreams/upstream.ts';

/** Every path of the control API begins with this. */
export const CONTROL_PREFIX = '/_sim/';

/** What the control API controls. */
export interface Controlled {
  readonly market: Market;
  readonly states: UpstreamStates;
  readonly quotas: Quotas;
  readonly faults: Faults;
  readonly log: RequestLog;
  readonly streams: StreamSide;
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
  '/_sim/upstreams': {
    GET: ({ states }) => states.states(),
    PUT({ states }, body) {
      states.setStates(read(STATES_SCHEMA, body));
      return states.states();
    },
  },
  '/_sim/blocks': {
    GET: ({ states }) => states.blocks(),
    PUT({ states }, body) {
      states.setBlocks(read(BLOCKS_SCHEMA, body));
      return states.blocks();
    },
  },
  '/_sim/quotas': {
    GET: ({ quotas }) => quotas.view(),
    PUT({ quotas }, body) {
      quotas.set(read(QUOTAS_SCHEMA, body));
      return quotas.view();
    },
  },
  '/_sim/market': {
    GET: ({ market }) => marketView(market),
    PUT({ market }, body) {
      market.set(read(MarketSchema, body));
      return marketView(market);
    },
  },
  '/_sim/streams': {
    GET: ({ streams }) => streams.faults(),
    PUT({ streams }, body) {
      streams.setFaults(read(STREAM_FAULTS, body));
      return streams.faults();
    },
    POST({ streams }, body) {
      const acts = read(STREAM_ACTIONS, body);
      for (const exchange of EXCHANGES) {
        const action = acts[exchange];
        if (action) streams.act(exchange, action);
      }
      return streams.log();
    },
    DELETE({ streams }) {
      streams.clearFaults();
      return streams.faults();
    },
  },
  '/_sim/connections': {
    GET: ({ streams }) => streams.log(),
    DELETE({ streams }) {
      streams.clearLog();
      return streams.log();
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

/** Values by upstream; those that are not named stay as they are. */
const byUpstream = <S extends v.GenericSchema>(schema: S) =>
  v.strictObject(v.entriesFromList(SOURCE_IDS, v.optional(schema)));

const STATES_SCHEMA = byUpstream(v.picklist(UPSTREAM_STATES));
const BLOCKS_SCHEMA = byUpstream(v.nullable(v.picklist(BLOCKS)));
const QUOTAS_SCHEMA = byUpstream(v.nullable(QuotaSchema));

const STREAM_FAULTS = v.strictObject(
  v.entriesFromList(EXCHANGES, v.optional(v.nullable(StreamFaultsSchema))),
);
const STREAM_ACTIONS = v.strictObject(v.entriesFromList(EXCHANGES, v.optional(StreamActionSchema)));

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
