/** Where things are. */

/** The paths of the server. */
export const PATHS = {
  page: '/crypto_report',
  socket: '/ws',
  summary: '/api/crypto/dashboard-summary',
  refresh: '/api/crypto/dashboard-summary/refresh',
  history: '/api/crypto/history',
  health: '/healthz',
  ready: '/readyz',
  metrics: '/metrics',
  assets: '/assets/',
  client: '/client.js',
  robots: '/robots.txt',
} as const;
