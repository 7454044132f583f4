/** Pattern of a text without control characters, which would move the cursor of a terminal or end a line of a log. */
export const PRINTABLE = '^[^\\x00-\\x1f\\x7f-\\x9f]*$'
