/** Where a store's file is. */

import { join } from 'node:path';

/** Whose file. */
export interface StorePlace {
  readonly dataDir: string;
  /** A file of its own for simulated figures, so that the two kinds never mix. */
  readonly simulated: boolean;
}

/** Its path; what belongs to it lies beside it, with the same beginning. */
export const storePath = ({ dataDir, simulated }: StorePlace): string =>
  join(dataDir, simulated ? 'marketcast-simulated.sqlite' : 'marketcast.sqlite');
