/** Makes a certificate authority that nobody else knows, and a certificate of it for a server on loopback. */

import { generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Paths of PEM files, as `startRedis` takes them. */
export interface Certificates {
  readonly caFile: string;
  readonly certFile: string;
  readonly keyFile: string;
  /** Removes them. */
  remove(): void;
}

/** Valid from an hour ago, for a day. */
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** For 127.0.0.1 and `localhost`. */
export function makeCertificates(): Certificates {
  const dir = mkdtempSync(join(tmpdir(), 'marketcast-certificates-'));
  const write = (name: string, text: string) => {
    const path = join(dir, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const ca = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const server = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const issuer = { name: 'Authority of a test', key: ca.privateKey };
  return {
    caFile: write('ca.pem', certificate(issuer, issuer.name, ca.publicKey, IS_AUTHORITY)),
    certFile: write('server.pem', certificate(issuer, 'localhost', server.publicKey, IS_LOOPBACK)),
    keyFile: write(
      'server.key',
      server.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    ),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

interface Issuer {
  readonly name: string;
  readonly key: KeyObject;
}

/** X.509 version 3 (RFC 5280, section 4.1), signed with ECDSA and SHA-256. */
function certificate(
  issuer: Issuer,
  subject: string,
  publicKey: KeyObject,
  extension: Buffer,
): string {
  const content = sequence(
    der(0xa0, integer(Buffer.from([2]))),
    // Positive, and different each time.
    integer(Buffer.concat([Buffer.from([1]), randomBytes(8)])),
    ECDSA_WITH_SHA256,
    distinguishedName(issuer.name),
    sequence(time(Date.now() - HOUR_MS), time(Date.now() + DAY_MS)),
    distinguishedName(subject),
    publicKey.export({ type: 'spki', format: 'der' }),
    der(0xa3, sequence(extension)),
  );
  const signature = sign('sha256', content, issuer.key);
  const whole = sequence(content, ECDSA_WITH_SHA256, der(0x03, Buffer.from([0]), signature));
  const lines = whole.toString('base64').replaceAll(/.{64}/g, '$&\n').trimEnd();
  return `-----BEGIN CERTIFICATE-----\n${lines}\n-----END CERTIFICATE-----\n`;
}

/** Tag, length, value (X.690); the length in as few bytes as it needs: itself, or those that the first one counts. */
function der(tag: number, ...parts: readonly Buffer[]): Buffer {
  const value = Buffer.concat(parts);
  const { length } = value;
  return Buffer.concat([Buffer.from([tag, ...lengthBytes(length)]), value]);
}
const lengthBytes = (length: number): number[] => {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
};
const sequence = (...parts: readonly Buffer[]): Buffer => der(0x30, ...parts);
const integer = (bytes: Buffer): Buffer => der(0x02, bytes);
const octets = (value: Buffer): Buffer => der(0x04, value);
const identifier = (hex: string): Buffer => der(0x06, Buffer.from(hex, 'hex'));

/** `261123070000Z`: the form for years before 2050. */
const time = (ms: number): Buffer =>
  der(0x17, Buffer.from(`${new Date(ms).toISOString().replaceAll(/\D/g, '').slice(2, 14)}Z`));
const distinguishedName = (commonName: string): Buffer =>
  sequence(der(0x31, sequence(identifier('550403'), der(0x0c, Buffer.from(commonName)))));

const ECDSA_WITH_SHA256 = sequence(identifier('2a8648ce3d040302'));
const TRUE = der(0x01, Buffer.from([0xff]));
/** Basic constraints, critical: may sign others. */
const IS_AUTHORITY = sequence(identifier('551d13'), TRUE, octets(sequence(TRUE)));
/** Alternative names: an address and a name. */
const IS_LOOPBACK = sequence(
  identifier('551d11'),
  octets(sequence(der(0x87, Buffer.from([127, 0, 0, 1])), der(0x82, Buffer.from('localhost')))),
);
