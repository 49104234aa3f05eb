/** The programs the tests need besides npm's packages: found, installed where that is ours to do, or asked for. */

import { existsSync, readFileSync } from 'node:fs';
import { SERVICE_POLICY, withoutServices } from './service-policy.ts';

/** A program or a font, and the Debian package that brings it. */
interface Need {
  readonly what: string;
  readonly debianPackage: string;
  isThere(): boolean;
}

const FONT_FOLDERS = ['/usr/share/fonts', '/usr/local/share/fonts'];

/** On Debian and its kin only: elsewhere a browser brings fonts of its own. */
const isDebianLike = (): boolean => {
  try {
    return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false;
  }
};

const hasLiberation = (): boolean =>
  !isDebianLike() ||
  FONT_FOLDERS.some(
    (folder) =>
      existsSync(folder) &&
      [...new Bun.Glob('**/LiberationSans-Regular.*').scanSync({ cwd: folder })].length > 0,
  );

const NEEDS: readonly Need[] = [
  { what: 'Chromium', debianPackage: 'chromium', isThere: () => chromiumPath() !== null },
  { what: 'the Liberation fonts', debianPackage: 'fonts-liberation', isThere: hasLiberation },
  {
    what: 'redis-server',
    debianPackage: 'redis-server',
    isThere: () => Bun.which('redis-server') !== null,
  },
  { what: 'nginx', debianPackage: 'nginx', isThere: hasNginx },
];

/** Systems keep it where only root's PATH leads. */
function hasNginx(): boolean {
  const PATH = `${process.env.PATH ?? ''}:/usr/sbin:/usr/local/sbin`;
  return Bun.which('nginx', { PATH }) !== null;
}

/** Where Chromium is: `CHROMIUM_PATH`, then the PATH; `null` when it is nowhere. */
export function chromiumPath(): string | null {
  const named = process.env.CHROMIUM_PATH;
  if (named) return existsSync(named) ? named : null;
  for (const name of ['chromium', 'chromium-browser', 'google-chrome']) {
    const path = Bun.which(name);
    if (path !== null) return path;
  }
  return null;
}

/**
 * Makes sure that everything the tests need is there.
 * @returns whether it is
 */
export async function ensureSystemPackages(): Promise<boolean> {
  const missing = NEEDS.filter((need) => !need.isThere());
  if (missing.length === 0) return true;
  const names = missing.map(({ what }) => what).join(', ');
  const packages = missing.map(({ debianPackage }) => debianPackage);
  const install = `apt-get install -y --no-install-recommends ${packages.join(' ')}`;
  if (!isDebianLike() || process.getuid?.() !== 0) {
    console.error(`Missing: ${names}. Install with:\n  sudo apt-get update && sudo ${install}`);
    return false;
  }
  console.log(`Missing: ${names}. Installing: ${install}`);
  await withoutServices(SERVICE_POLICY, async (ended) => {
    await run(['apt-get', '-q', 'update'], ended);
    await run(
      ['apt-get', ...APT_OPTIONS, 'install', '-y', '--no-install-recommends', ...packages],
      ended,
    );
  });
  const still = missing.filter((need) => !need.isThere());
  for (const { what } of still) console.error(`${what} could not be installed.`);
  return still.length === 0;
}

/** Another installation may be under way on the machine: wait for it, within reason. */
const APT_OPTIONS = ['-q', '-o', 'DPkg::Lock::Timeout=300'];
async function run(command: readonly string[], ended: AbortSignal): Promise<void> {
  if (ended.aborted) return;
  const child = Bun.spawn([...command], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    signal: ended,
  });
  if ((await child.exited) !== 0) console.error(`${command.join(' ')} failed`);
}
