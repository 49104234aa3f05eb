/** Pings every socket, notices which are silent or behind, and ends them. */

import type { Clock, Timer } from '../../contract/index.ts';

/** Every socket is pinged this often. The runtime's own pings never go out on a server that broadcasts. */
export const PING_INTERVAL_MS = 25_000;
/** A socket that was not heard of for this long is dead: it has missed two pings. */
export const UNHEARD_AFTER_MS = 60_000;
/** Every socket is looked at this often. */
export const SWEEP_INTERVAL_MS = 5_000;
/** One twentieth of the sockets is looked at in each tick, so that 50 000 of them never stop the others' frames. */
const TICK_MS = 250;
const SLOTS = PING_INTERVAL_MS / TICK_MS;
const TICKS_PER_SWEEP = SWEEP_INTERVAL_MS / TICK_MS;

/** What is kept of a socket between sweeps. Times are counted in ticks: a process that stood still blames nobody. */
export interface HeartbeatState {
  /** Place in the wheel. */
  slot: number;
  heardTick: number;
  /** The first of the sweeps in a row that found bytes buffered; `null` when the last found none. */
  behindSinceTick: number | null;
}

/** What is needed of a socket. */
export interface BeatingSocket {
  readonly data: HeartbeatState;
  ping(): number;
  getBufferedAmount(): number;
}

/** What a sweep tells. */
export interface HeartbeatListener<S> {
  /** Nothing was heard of it for {@link UNHEARD_AFTER_MS}. */
  unheard(socket: S): void;
  /** Bytes were buffered at every sweep for `slowAfterMs`. */
  slow(socket: S): void;
  /** All sockets have been looked at once. */
  swept(): void;
}

/** The heartbeat of all sockets. */
export interface Heartbeat<S> {
  /** The state of a socket that is just being opened. */
  newState(): HeartbeatState;
  add(socket: S): void;
  remove(socket: S): void;
  /** Something arrived from the socket. */
  heard(socket: S): void;
  sockets(): IterableIterator<S>;
  size(): number;
  start(): void;
  /** Stops pinging and sweeping. */
  stop(): void;
}

/**
 * A wheel of slots, one turn in {@link PING_INTERVAL_MS}: each tick pings one slot and sweeps every
 * {@link TICKS_PER_SWEEP}th, so that pings and sweeps are spread evenly without a timer a socket.
 */
export function createHeartbeat<S extends BeatingSocket>(
  clock: Clock,
  slowAfterMs: number,
  listener: HeartbeatListener<S>,
): Heartbeat<S> {
  const wheel = Array.from({ length: SLOTS }, () => new Set<S>());
  const unheardTicks = UNHEARD_AFTER_MS / TICK_MS;
  const slowTicks = Math.ceil(slowAfterMs / TICK_MS);
  let tick = 0;
  let nextSlot = 0;
  let timer: Timer | null = null;

  const sweep = (socket: S) => {
    const { data } = socket;
    if (tick - data.heardTick >= unheardTicks) return listener.unheard(socket);
    if (socket.getBufferedAmount() === 0) data.behindSinceTick = null;
    else if (data.behindSinceTick === null) data.behindSinceTick = tick;
    else if (tick - data.behindSinceTick >= slowTicks) listener.slow(socket);
  };
  const slotAt = (index: number) => wheel[index % SLOTS];
  const beat = () => {
    tick++;
    for (let slot = tick; slot < tick + SLOTS; slot += TICKS_PER_SWEEP) {
      for (const socket of slotAt(slot) ?? []) sweep(socket);
    }
    for (const socket of slotAt(tick) ?? []) socket.ping();
    if (tick % TICKS_PER_SWEEP === 0) listener.swept();
  };
  const arm = (dueMs: number) => {
    timer = clock.after(dueMs - clock.monotonic(), () => {
      // Ticks that a busy process missed are not made up for.
      arm(Math.max(dueMs + TICK_MS, clock.monotonic()));
      beat();
    });
  };

  return {
    newState: () => ({ slot: nextSlot++ % SLOTS, heardTick: tick, behindSinceTick: null }),
    add: (socket) => slotAt(socket.data.slot)?.add(socket),
    remove: (socket) => slotAt(socket.data.slot)?.delete(socket),
    heard(socket) {
      socket.data.heardTick = tick;
    },
    *sockets() {
      for (const slot of wheel) yield* slot;
    },
    size: () => wheel.reduce((sum, slot) => sum + slot.size, 0),
    start: () => arm(clock.monotonic() + TICK_MS),
    stop: () => timer?.cancel(),
  };
}
