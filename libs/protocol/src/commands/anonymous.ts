/** The name of every principal at a site where nobody logs in, as it stands in the record of commands. */
export const ANONYMOUS = 'anonymous'
