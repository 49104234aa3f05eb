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
  /** The channel. */
  readonly updates: string;
}

/** @param prefix without braces */
export const redisKeys = (prefix: string): RedisKeys => ({
  document: `{${prefix}}:dashboard_summary`,
  term: `{${prefix}}:term`,
  lease: `{${prefix}}:lease`,
  refresh: `{${prefix}}:refresh`,
  budget: (upstream) => `{${prefix}}:budget:${upstream}`,
  updates: `{${prefix}}:updates`,
});
