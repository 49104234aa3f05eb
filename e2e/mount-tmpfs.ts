/** A small disk in memory, to be filled, to be made read-only, and to lose nothing but itself. */

import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A disk of its own. */
export interface Tmpfs {
  readonly path: string;
  /** @throws Error while a file there is open for writing */
  makeReadOnly(isReadOnly: boolean): void;
  /** Takes it away, whoever still uses it, and its folder; a second call does nothing. */
  unmount(): void;
}

/**
 * Mounts one, as root or by way of `sudo` without a password.
 * @param size as `mount` takes it: `4m`
 * @returns `null` where that is not permitted
 */
export function mountTmpfs(size: string): Tmpfs | null {
  const path = mkdtempSync(join(tmpdir(), 'marketcast-tmpfs-'));
  const owner = `uid=${process.getuid?.() ?? 0},gid=${process.getgid?.() ?? 0},mode=0700`;
  const mount = ['mount', '-t', 'tmpfs', '-o', `size=${size},${owner}`, 'tmpfs', path];
  const as = [[], ['sudo', '-n']].find((prefix) => succeeds([...prefix, ...mount]));
  if (as === undefined) {
    rmdirSync(path);
    return null;
  }
  let isMounted = true;
  return {
    path,
    makeReadOnly(isReadOnly) {
      const options = `remount,bind,${isReadOnly ? 'ro' : 'rw'}`;
      if (!succeeds([...as, 'mount', '-o', options, path])) throw new Error('the disk is in use');
    },
    unmount() {
      if (!isMounted) return;
      isMounted = false;
      // Lazily: a process that still has a file there keeps nobody from removing the folder.
      if (!succeeds([...as, 'umount', '--lazy', path])) throw new Error(`${path} stays mounted`);
      rmdirSync(path);
    },
  };
}

/** Whether a command ends well; one that is not there does not. */
function succeeds(command: string[]): boolean {
  try {
    return Bun.spawnSync(command, { stdio: ['ignore', 'ignore', 'ignore'] }).success;
  } catch {
    return false;
  }
}
