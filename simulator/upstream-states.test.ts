import { describe, expect, test } from 'bun:test';
import { createUpstreamStates } from './upstream-states.ts';

describe('the states of upstreams', () => {
  test('are ok and open until something else is said, each for itself', () => {
    const states = createUpstreamStates();
    states.setStates({ binance: 'dead', kraken: 'frozen' });
    states.setBlocks({ coinbase: 451 });
    expect(states.stateOf('binance')).toBe('dead');
    expect(states.stateOf('kraken')).toBe('frozen');
    expect(states.stateOf('coinbase')).toBe('ok');
    expect(states.blockOf('coinbase')).toBe(451);
    expect(states.blockOf('binance')).toBeNull();
    states.setStates({ binance: 'ok' });
    states.setBlocks({ coinbase: null });
    expect(states.states()).toEqual({ kraken: 'frozen' });
    expect(states.blocks()).toEqual({});
  });

  test('are told to whoever listens, until it no longer wants to', () => {
    const states = createUpstreamStates();
    const heard: string[] = [];
    const stop = states.onChange(() => heard.push(states.stateOf('binance')));
    states.setStates({ binance: 'dead' });
    states.setBlocks({ binance: 403 });
    stop();
    states.setStates({ binance: 'ok' });
    expect(heard).toEqual(['dead', 'dead']);
  });
});
