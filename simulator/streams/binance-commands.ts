/** The commands of a Binance connection: JSON in, JSON out. */

import * as v from 'valibot';

/** What commands do. */
export interface CommandTarget {
  readonly isCombined: boolean;
  /** `false`: more than a connection may have. */
  subscribe(names: readonly string[]): boolean;
  unsubscribe(names: readonly string[]): void;
  list(): readonly string[];
}

const METHODS = [
  'SUBSCRIBE',
  'UNSUBSCRIBE',
  'LIST_SUBSCRIPTIONS',
  'SET_PROPERTY',
  'GET_PROPERTY',
] as const;
type Method = (typeof METHODS)[number];

const METHOD = v.object({ method: v.picklist(METHODS) });
const REQUEST_ID = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const NAMES = v.array(v.string());
const COMBINED_PROPERTY = v.tuple([v.literal('combined'), v.boolean()]);

/** @returns what a connection answers to each of its client's messages */
export function createCommands(target: CommandTarget): { answer(text: string): string } {
  return { answer: (text) => JSON.stringify(answer(target, text)) };
}

function answer(target: CommandTarget, text: string): unknown {
  const request = parse(text);
  if (request === undefined) {
    return { code: 3, msg: 'Invalid JSON: expected value at line 1 column 1' };
  }
  if (!v.is(METHOD, request)) {
    const method = v.is(v.object({ method: v.string() }), request) ? request.method : 'null';
    const msg = `Invalid request: unknown variant ${method}, expected one of ${METHODS.join(', ')}`;
    return { code: 2, msg };
  }
  const { id, params } = { id: undefined, params: undefined, ...request };
  if (!v.is(REQUEST_ID, id)) {
    return refused('Invalid request: request ID must be an unsigned integer', null);
  }
  return obey(target, request.method, params, id);
}

function obey(target: CommandTarget, method: Method, params: unknown, id: number): unknown {
  if (method === 'LIST_SUBSCRIPTIONS') return { result: target.list(), id };
  if (method === 'GET_PROPERTY') return { result: target.isCombined, id };
  if (method === 'SET_PROPERTY') {
    // The form of the address stays; to change it on the way is nothing that a client of these needs.
    if (v.is(COMBINED_PROPERTY, params) && params[1] === target.isCombined) return done(id);
    return refused('Invalid request: the property cannot be set', id);
  }
  if (!v.is(NAMES, params)) return refused('Invalid request: params must be a list of names', id);
  if (method === 'UNSUBSCRIBE') target.unsubscribe(params);
  else if (!target.subscribe(params)) return refused('Invalid request: too many streams', id);
  return done(id);
}

const done = (id: number) => ({ result: null, id });
/** The documented form is flat; with an id it has been seen nested. */
const refused = (msg: string, id: number | null) => ({ error: { code: 2, msg }, id });

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
