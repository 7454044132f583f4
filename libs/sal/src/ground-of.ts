const MAX_SHOWN = 300

/** What lies at the ground of an error that clients have wrapped several times: each sentence once, cut short. */
export const groundOf = (error: unknown): string =>
  [...new Set(groundsOf(error))].join('; ').slice(0, MAX_SHOWN)

/** The sentences at the ground of an error, those of all its branches. */
export function groundsOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [String(error)]
  const inner: unknown[] = 'errors' in error && Array.isArray(error.errors) ? error.errors : []
  const below = [...inner, ...(error.cause === undefined ? [] : [error.cause])]
  return below.length === 0 ? [error.message] : below.flatMap(groundsOf)
}
