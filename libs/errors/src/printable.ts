/** Marks that turn the direction of a text, or that nobody sees: a name with them can look like another one. */
const UNSEEN = '\\u200b\\u202a-\\u202e\\u2066-\\u2069\\ufeff'

/**
 * JSON Schema pattern of a text without control characters, which would move the cursor of a terminal or end a line of a
 * log, and without marks that turn its direction or are not seen.
 */
export const PRINTABLE = `^[^\\x00-\\x1f\\x7f-\\x9f${UNSEEN}]*$`

const ALL_PRINTABLE = new RegExp(PRINTABLE)
const NOT_PRINTABLE = new RegExp(`[\\x00-\\x1f\\x7f-\\x9f${UNSEEN}]`, 'g')

/** Whether a text has neither control characters nor marks that nobody sees. */
export const isPrintable = (text: string): boolean => ALL_PRINTABLE.test(text)

/**
 * A text without control characters and without marks that turn its direction or are not seen; empty where it
 * has nothing else.
 */
export const printable = (text: string): string => text.replaceAll(NOT_PRINTABLE, '')
