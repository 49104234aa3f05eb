/** Makes sure that a process never outlives the one that started it, however that one ends. */

/**
 * Waits for the end of its standard input, which the parent holds open and which the system closes for it, then kills.
 * With `KILL`, a frozen process is killed too.
 */
const WATCH = 'trap "" INT TERM HUP; read -r _; kill -s "$2" "$1" 2>/dev/null';

/**
 * Kills the process `pid` when this process is gone.
 * @param signal `TERM` for one that has processes of its own to end first
 * @returns a function that ends the watch: to be called once the process has ended by itself
 */
export function endWithParent(pid: number, signal: 'KILL' | 'TERM' = 'KILL'): () => void {
  const watch = Bun.spawn(['sh', '-c', WATCH, 'sh', String(pid), signal], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  // The watch itself keeps nobody waiting.
  watch.unref();
  return () => watch.kill('SIGKILL');
}
