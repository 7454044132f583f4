/** JSON Schema pattern of a text without control characters, which would move the cursor of a terminal or end a line of a log. */
export const PRINTABLE = '^[^\\x00-\\x1f\\x7f-\\x9f]*$'

const ALL_PRINTABLE = new RegExp(PRINTABLE)

/** Whether a text is without control characters. */
export const isPrintable = (text: string): boolean => ALL_PRINTABLE.test(text)

/** A text without its control characters. */
export const printable = (text: string): string => text.replaceAll(/\p{Cc}/gu, '')
