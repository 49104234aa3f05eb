/** The files of the project, as git sees them: tracked, or new and not ignored. */

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { importsOf } from './import-table.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** A file of the project. */
export interface ProjectFile {
  /** From the root of the project, with `/`. */
  readonly path: string;
  readonly text: string;
}

/** All files that are text, sorted by path. */
export function projectFiles(): readonly ProjectFile[] {
  const listed = Bun.spawnSync(
    ['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
    { cwd: ROOT },
  );
  if (!listed.success) throw new Error('git did not list the files of the project');
  const paths = [...new Set(listed.stdout.toString().split('\0'))].filter((path) => path !== '');
  return paths
    .filter((path) => existsSync(ROOT + path) && !/\.(png|ico|woff2?)$/.test(path))
    .toSorted()
    .map((path) => ({ path, text: readFileSync(ROOT + path, 'utf8') }));
}

/** Whether a file is code of ours. */
export const isCode = ({ path }: ProjectFile): boolean => /\.(ts|tsx|mjs)$/.test(path);

/** Whether a file is one that the runner of the tests opens. */
export const isTest = ({ path }: ProjectFile): boolean => /\.test\.tsx?$/.test(path);

/** Whether tests may be in a file: the runner's, and the suites that it runs from there. */
export const mayHoldTests = (file: ProjectFile): boolean =>
  isTest(file) || (isCode(file) && importsOf(file.text).includes('bun:test'));
