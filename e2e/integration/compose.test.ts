import { describe, expect, test } from 'bun:test';
import { existsSync, readFileSync } from 'node:fs';
import { BlockList } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import * as v from 'valibot';
import { blocksOf } from '../blocks-of.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(ROOT, path), 'utf8');

const SERVICE = v.object({
  image: v.string(),
  command: v.optional(v.array(v.string())),
  build: v.optional(v.string()),
  environment: v.optional(
    v.record(v.string(), v.pipe(v.union([v.string(), v.number()]), v.transform(String))),
  ),
  volumes: v.array(v.string()),
  ports: v.optional(v.array(v.string())),
  depends_on: v.optional(v.record(v.string(), v.object({ condition: v.string() }))),
  networks: v.object({ inside: v.nullable(v.object({ ipv4_address: v.string() })) }),
});
const COMPOSE = v.object({
  services: v.record(v.string(), SERVICE),
  networks: v.object({
    inside: v.object({ ipam: v.object({ config: v.tuple([v.object({ subnet: v.string() })]) }) }),
  }),
  volumes: v.record(v.string(), v.null()),
});

const DEPLOY_README = join(ROOT, 'deploy/README.md');
const README_BLOCKS = blocksOf(DEPLOY_README, 'yaml');
const TLS_BLOCK = v.object({ volumes: v.array(v.string()), ports: v.array(v.string()) });
const AUTHORITY_BLOCK = v.object({
  'x-node': v.object({
    environment: v.object({ REDIS_URL: v.string(), NODE_EXTRA_CA_CERTS: v.string() }),
    configs: v.array(v.object({ source: v.string(), target: v.string() })),
  }),
  configs: v.record(v.string(), v.object({ file: v.string() })),
});

describe('docker-compose.yml', () => {
  const { services, networks, volumes } = v.parse(
    COMPOSE,
    Bun.YAML.parse(read('docker-compose.yml')),
  );
  const nodes = Object.entries(services).filter(([name]) => name.startsWith('node-'));
  const [, firstNode] = nodes[0] ?? [];
  const environment = firstNode?.environment ?? {};
  const conf = read('deploy/nginx.conf');
  const mounts = Object.values(services).flatMap((service) => service.volumes);

  test('mounts files that are there, and volumes that it declares', () => {
    const [files, named] = [/^\.\//, /^[^.]/].map((kind) =>
      mounts.filter((mount) => kind.test(mount)).map((mount) => mount.split(':')[0] ?? ''),
    );
    expect(files).toContain('./deploy/nginx.conf');
    expect(files?.filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
    expect(named).toEqual(Object.keys(volumes));
  });

  test('runs three nodes of one image that differ in nothing but their folder and address', () => {
    expect(nodes).toHaveLength(3);
    for (const [name, node] of nodes) {
      expect(node).toMatchObject({
        image: firstNode?.image,
        environment,
        depends_on: firstNode?.depends_on,
      });
      expect(node.volumes).toEqual([`${name}:${environment.DATA_DIR}`]);
    }
    expect(nodes.filter(([, node]) => node.build === '.')).toHaveLength(1);
  });

  test("sets variables that the server reads, for what differs from a machine of one's own", () => {
    const config = read('server/config.ts');
    const example = read('.env.example');
    const isKept = ([, value]: [string, string]) => value !== '';
    for (const [name] of Object.entries(environment).filter(isKept)) {
      expect(config).toContain(`'${name}'`);
      expect(example).toMatch(new RegExp(`^(?:# )?${name}=`, 'm'));
    }
    expect(Object.keys(environment)).toContain('REDIS_URL');
  });

  test('gives everybody a place in its network, and has the nodes believe nginx alone', () => {
    const [{ subnet }] = networks.inside.ipam.config;
    const [address = '', bits] = subnet.split('/');
    const network = new BlockList();
    network.addSubnet(address, Number(bits));
    const places = Object.values(services).flatMap(
      ({ networks }) => networks.inside?.ipv4_address ?? [],
    );
    expect(places).toHaveLength(4);
    expect(new Set(places).size).toBe(4);
    expect(places.filter((place) => !network.check(place))).toEqual([]);
    expect(environment.TRUSTED_PROXIES).toBe(services.nginx?.networks.inside?.ipv4_address ?? '');
  });

  test('has nginx ask the nodes by their names and port, once they live', () => {
    const asked = [...conf.matchAll(/^\s*server (\S+) /gm)].map(([, server]) => server);
    expect(asked).toEqual(nodes.map(([name]) => `${name}:${environment.PORT}`));
    const waitedFor = Object.entries(services.nginx?.depends_on ?? {});
    expect(waitedFor).toEqual(nodes.map(([name]) => [name, { condition: 'service_healthy' }]));
  });

  test('lets the outside in through nginx alone', () => {
    const published = Object.entries(services).filter(([, { ports }]) => ports !== undefined);
    expect(published.map(([name, { ports }]) => [name, ports])).toEqual([['nginx', ['8080:8080']]]);
    expect(conf).toContain('listen 8080;');
  });

  test('knows Redis by its name and user, and no password', () => {
    const password = `\${REDIS_PASSWORD:?set it in .env}`;
    const adminPassword = `\${REDIS_ADMIN_PASSWORD:-}`;
    expect(environment.REDIS_URL).toBe(`redis://marketcast:${password}@redis:6379`);
    expect(services.redis?.environment).toEqual({
      REDIS_PASSWORD: password,
      REDIS_ADMIN_PASSWORD: adminPassword,
    });
    // `.env` is for everybody; this is not.
    expect(environment.REDIS_ADMIN_PASSWORD).toBe('');
    expect(read('deploy/redis-users.acl')).toContain('user marketcast on resetkeys');
  });

  test('has Redis listen to the other containers, and lets nobody else there', () => {
    // By itself the script listens on loopback.
    const [shell, script, ...args] = services.redis?.command ?? [];
    expect([shell, script]).toEqual(['sh', '/deploy/start-redis.sh']);
    expect(mounts).toContain('./deploy/start-redis.sh:/deploy/start-redis.sh:ro');
    expect(args).toEqual(['--bind', '*', '-::*']);
    expect(services.redis?.ports).toBeUndefined();
  });

  test('is changed for TLS as deploy/README.md says', () => {
    const [tls] = README_BLOCKS.filter((text) => text.includes('tls'));
    const { volumes, ports } = v.parse(TLS_BLOCK, Bun.YAML.parse(tls ?? ''));
    const kept = services.nginx?.volumes ?? [];
    expect(volumes.slice(0, kept.length)).toEqual(kept);
    const [folder = ''] = volumes.slice(kept.length).map((mount) => mount.split(':')[1]);
    const [lines = ''] = blocksOf(DEPLOY_README, 'nginx');
    expect(lines.match(/\/\S+(?=\/\w+\.pem)/g)).toEqual([folder, folder]);
    expect(ports).toEqual([`443:${/^listen (\d+) ssl;/.exec(lines)?.[1]}`]);
  });

  test('is changed for a private authority as deploy/README.md says', () => {
    const [block] = README_BLOCKS.filter((text) => text.includes('NODE_EXTRA_CA_CERTS'));
    const changed = v.parse(AUTHORITY_BLOCK, Bun.YAML.parse(block ?? ''));
    const { environment, configs } = changed['x-node'];
    expect(environment.REDIS_URL).toStartWith('rediss://');
    expect(configs.map(({ target }) => target)).toEqual([environment.NODE_EXTRA_CA_CERTS]);
    expect(configs.map(({ source }) => source)).toEqual(Object.keys(changed.configs));
  });
});
