/** The names under which the nodes meet in Redis. */

/** All of one deployment's; the braces keep its keys in one slot of a Cluster. */
export interface RedisKeys {
  /** The document's JSON. String, always with a time to live. */
  readonly document: string;
  /** Hash without one: `epoch` and `seq` of the stored document, `term` = the highest epoch given out or raised. */
  readonly term: string;
  /** The leader's token, with a time to live. */
  readonly lease: string;
  /** There while no further refresh may be asked for. */
  readonly refresh: string;
  /** There while nobody is to call the upstream, with a time to live; the beginning of the names of its counts. */
  budget(upstream: string): string;
  /** Hash: a chunk of the history by its name, with a time to live. */
  readonly history: string;
  /** Hash: the digest of each chunk, with a time to live. */
  readonly historyIndex: string;
  /** The channel. */
  readonly updates: string;
}

/**
 * @param prefix without braces
 * @param db number of the database: keys are apart by it, channels are not, so that theirs is in the name
 */
export const redisKeys = (prefix: string, db = 0): RedisKeys => ({
  document: `{${prefix}}:dashboard_summary`,
  term: `{${prefix}}:term`,
  lease: `{${prefix}}:lease`,
  refresh: `{${prefix}}:refresh`,
  budget: (upstream) => `{${prefix}}:budget:${upstream}`,
  history: `{${prefix}}:history`,
  historyIndex: `{${prefix}}:history:index`,
  updates: db === 0 ? `{${prefix}}:updates` : `{${prefix}}:updates:${db}`,
});
