/** How upstreams are as a whole: dead, frozen, or closed to where we are. Told by requests and by streams alike. */

import type { SourceId } from '../contract/index.ts';

/**
 * - `ok` answers
 * - `dead` resets every connection, at once
 * - `frozen` takes connections and says nothing
 */
export const UPSTREAM_STATES = ['ok', 'dead', 'frozen'] as const;

/** See {@link UPSTREAM_STATES}. */
export type UpstreamState = (typeof UPSTREAM_STATES)[number];

/** What an upstream answers every request and handshake with that comes from a place it does not serve. */
export const BLOCKS = [451, 403] as const;

/** See {@link BLOCKS}. */
export type Block = (typeof BLOCKS)[number];

/** Values by upstream; only those that are told. */
export type ByUpstream<T> = { readonly [id in SourceId]?: T | undefined };

/** The states of a process. Without HTTP, so that they can be had in-process. */
export interface UpstreamStates {
  stateOf(id: SourceId): UpstreamState;
  /** `null`: serves us. */
  blockOf(id: SourceId): Block | null;
  setStates(changes: ByUpstream<UpstreamState>): void;
  /** `null` lifts a block. */
  setBlocks(changes: ByUpstream<Block | null>): void;
  /** Those that are not `ok`. */
  states(): ByUpstream<UpstreamState>;
  /** Those that are blocked. */
  blocks(): ByUpstream<Block>;
  /** Called after every change, for connections that are open; the function that is returned ends it. */
  onChange(listener: () => void): () => void;
}

export function createUpstreamStates(): UpstreamStates {
  const states = new Map<string, UpstreamState>();
  const blocks = new Map<string, Block>();
  const listeners = new Set<() => void>();
  const tell = () => {
    for (const listener of [...listeners]) listener();
  };
  return {
    stateOf: (id) => states.get(id) ?? 'ok',
    blockOf: (id) => blocks.get(id) ?? null,
    setStates(changes) {
      for (const [id, state] of Object.entries(changes)) {
        if (state === 'ok') states.delete(id);
        else if (state) states.set(id, state);
      }
      tell();
    },
    setBlocks(changes) {
      for (const [id, block] of Object.entries(changes)) {
        if (block === null) blocks.delete(id);
        else if (block) blocks.set(id, block);
      }
      tell();
    },
    states: () => Object.fromEntries(states),
    blocks: () => Object.fromEntries(blocks),
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
