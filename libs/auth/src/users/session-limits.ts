const HOUR_MS = 3_600_000

/** How long a session lasts and how many there are; times in ms. */
export const SESSION_LIMITS = {
  /** Without a refresh it ends. */
  idleMs: 12 * HOUR_MS,
  /** Refreshed or not. */
  mostMs: 30 * 24 * HOUR_MS,
  /** The token of before is taken again for so long: two tabs may refresh at once. */
  graceMs: 10_000,
  /** Of one user; with one more, the one used longest ago ends. */
  perUser: 50,
  /** Characters kept of what a browser says it is. */
  userAgent: 200
} as const
