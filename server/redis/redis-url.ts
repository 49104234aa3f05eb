/** What a `REDIS_URL` says: which Redis it is, and as whom to speak to it. */

/** A host of a Redis, a Sentinel or a node of a Cluster. */
export interface RedisHost {
  /** Name or address; an IPv6 address without brackets. */
  readonly host: string;
  readonly port: number;
}

/** As whom a connection speaks; both `null` without a password. */
export interface RedisCredentials {
  /** `null` = Redis' default user. */
  readonly username: string | null;
  readonly password: string | null;
}

interface AnyTarget extends RedisCredentials {
  readonly tls: boolean;
}

/** One Redis. */
export interface SingleTarget extends AnyTarget {
  readonly kind: 'single';
  readonly host: RedisHost;
  readonly db: number;
}

/** The master of that name, wherever the Sentinels say it is. */
export interface SentinelTarget extends AnyTarget {
  readonly kind: 'sentinel';
  readonly sentinels: readonly RedisHost[];
  readonly masterName: string;
  readonly db: number;
  /** As whom to speak to the Sentinels themselves. */
  readonly sentinelCredentials: RedisCredentials;
}

/** A Redis Cluster, found through any of these nodes. */
export interface ClusterTarget extends AnyTarget {
  readonly kind: 'cluster';
  readonly nodes: readonly RedisHost[];
}

/** Where Redis is. */
export type RedisTarget = SingleTarget | SentinelTarget | ClusterTarget;

/** Far more than anybody lists. */
const MAX_HOSTS = 32;
const REDIS_PORT = 6379;
const SENTINEL_PORT = 26_379;

const NO_CREDENTIALS: RedisCredentials = { username: null, password: null };

/**
 * What separates has to be percent-encoded inside of a part, as `@` in a password: an address that could be read in two
 * ways is none.
 */
const URL_FORM =
  /^(?<scheme>rediss?)(?:-(?<kind>sentinel|cluster))?:\/\/(?:(?<auth>[^@/?#,\s]+)@)?(?<hosts>[^@/?#\s]+)(?:\/(?<path>[^@?#\s]*))?(?:\?(?<query>[^@?#\s]*))?$/;

/**
 * Reads one of
 * - `redis://[user[:password]@]host[:port][/db]`
 * - `redis-sentinel://[user[:password]@]host[:port],…/master-name[/db]`, with `?sentinel_username=…&sentinel_password=…`
 *   for Sentinels that ask for a password of their own
 * - `redis-cluster://[user[:password]@]host[:port],…`
 *
 * `rediss` in place of `redis` means TLS on every connection. `:password@` is the default user's.
 * @returns `null` for everything else
 */
export function parseRedisUrl(text: string): RedisTarget | null {
  const { scheme, kind, auth, hosts, path = '', query } = URL_FORM.exec(text)?.groups ?? {};
  const credentials = auth === undefined ? NO_CREDENTIALS : readCredentials(auth);
  if (scheme === undefined || hosts === undefined || credentials === null) return null;
  const any = { ...credentials, tls: scheme === 'rediss' };
  if (kind === 'sentinel') return readSentinel(any, hosts, path, query);
  // An option that nobody knows would be left out in silence.
  if (query !== undefined) return null;
  const list = readHosts(hosts, REDIS_PORT);
  if (kind === 'cluster') {
    return list === null || path !== '' ? null : { kind: 'cluster', nodes: list, ...any };
  }
  const [host, ...others] = list ?? [];
  const db = readDb(path);
  if (host === undefined || others.length > 0 || db === null) return null;
  return { kind: 'single', host, db, ...any };
}

function readSentinel(
  any: AnyTarget,
  hosts: string,
  path: string,
  query = '',
): SentinelTarget | null {
  const sentinels = readHosts(hosts, SENTINEL_PORT);
  const [name = '', db = '', ...rest] = path.split('/');
  const masterName = decode(name);
  const number = readDb(db);
  const sentinelCredentials = readQuery(query);
  if (sentinels === null || number === null || sentinelCredentials === null) return null;
  // What Sentinel itself accepts as a name.
  if (masterName === null || !/^[\w.-]{1,200}$/.test(masterName) || rest.length > 0) return null;
  return { kind: 'sentinel', sentinels, masterName, db: number, sentinelCredentials, ...any };
}

function readCredentials(text: string): RedisCredentials | null {
  const [user = '', secret, ...rest] = text.split(':');
  const username = decode(user);
  const password = decode(secret ?? '');
  if (username === null || password === null || rest.length > 0) return null;
  if (username === '') return password === '' ? null : { username: null, password };
  // A user without a password is one that Redis lets in with any.
  return { username, password };
}

function readQuery(text: string): RedisCredentials | null {
  if (text === '') return NO_CREDENTIALS;
  const values = new Map<string, string>();
  for (const pair of text.split('&')) {
    const [name = '', value = '', ...rest] = pair.split('=');
    const decoded = decode(value);
    const isKnown = name === 'sentinel_username' || name === 'sentinel_password';
    if (!isKnown || values.has(name) || !decoded || rest.length > 0) return null;
    values.set(name, decoded);
  }
  const password = values.get('sentinel_password');
  const username = values.get('sentinel_username') ?? null;
  return password === undefined ? null : { username, password };
}

function readHosts(text: string, defaultPort: number): readonly RedisHost[] | null {
  const parts = text.split(',');
  const hosts = parts.flatMap((part) => readHost(part, defaultPort) ?? []);
  return hosts.length === parts.length && hosts.length <= MAX_HOSTS ? hosts : null;
}

const HOST_FORM =
  /^(?:\[(?<v6>[\da-fA-F:.]+)\]|(?<name>[A-Za-z\d](?:[\w.-]{0,251}[\w.])?))(?::(?<port>\d{1,5}))?$/;

function readHost(text: string, defaultPort: number): RedisHost | null {
  const { v6, name, port } = HOST_FORM.exec(text)?.groups ?? {};
  if (v6 !== undefined && !URL.canParse(`http://[${v6}]`)) return null;
  const host = v6 ?? name;
  const number = port === undefined ? defaultPort : Number(port);
  if (host === undefined || number < 1 || number > 65_535) return null;
  return { host, port: number };
}

/** How many databases there are is for Redis to say. */
const readDb = (text: string): number | null => {
  if (text === '') return 0;
  return /^\d{1,6}$/.test(text) ? Number(text) : null;
};

/** `null` when the percent signs make no sense. */
function decode(text: string): string | null {
  try {
    return decodeURIComponent(text);
  } catch {
    return null;
  }
}
