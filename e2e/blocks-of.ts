/** The examples of a page of documentation, so that tests run what people read. */

import { readFileSync } from 'node:fs';

/** What stands between the fences of a language, e.g. `sh`, in the order of the page. */
export const blocksOf = (path: string, language: string): readonly string[] =>
  [...readFileSync(path, 'utf8').matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
    .filter(([, named]) => named === language)
    .map(([, , text = '']) => text);
