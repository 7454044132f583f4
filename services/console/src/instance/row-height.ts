/**
 * Height of one line of the table of values and of the log, px; the style sheet has the same figure as
 * `--row`.
 */
export const ROW_PX = 24
