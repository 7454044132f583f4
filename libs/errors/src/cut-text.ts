const DEFAULT_MOST = 120

/**
 * A text from outside as it may stand in a log or an error: at most `most` characters of it, default 120, and
 * then how many it has in all.
 */
export const cutText = (text: string, most = DEFAULT_MOST): string =>
  text.length <= most ? text : `${text.slice(0, most)}... (${text.length} characters)`
