/** The table of requests in deploy/README.md, which begins with this head and ends with its last row. */
const TABLE = /^\| place \|.*\n(\|.*\n?)*/m

/** The table that stands in a page; undefined where there is none. */
export const tableIn = (page: string): string | undefined => TABLE.exec(page)?.[0].trimEnd()

/** The page with another table in its place. */
export const replaceTable = (page: string, table: string): string => page.replace(TABLE, () => `${table}\n`)
