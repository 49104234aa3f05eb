/** What the HTTP routes answer with. */

import type { DashboardDocument } from './document.ts';

/** Every error of the HTTP side: a stable code and a sentence; never a stack or an upstream's text. */
export interface ErrorBody {
  readonly error: { readonly code: HttpErrorCode; readonly message: string };
}

/** Codes of {@link ErrorBody}. */
export type HttpErrorCode =
  | 'bad_request'
  /** `GET /api/crypto/history`: the parameter is missing, stands there twice, or has no such value. */
  | 'wrong_series'
  | 'wrong_range'
  | 'wrong_format'
  | 'forbidden'
  | 'not_found'
  | 'method_not_allowed'
  | 'body_too_large'
  | 'too_many_connections'
  | 'upgrade_required'
  | 'no_figures_yet'
  | 'upstreams_failed'
  | 'refresh_timeout'
  | 'draining'
  | 'internal';

/** Answer of a refresh: 200 `ok` after a fresh round, 429 `throttled` with the document as it stands. */
export interface RefreshBody {
  readonly status: 'ok' | 'throttled';
  readonly message: string;
  readonly data: DashboardDocument;
}
