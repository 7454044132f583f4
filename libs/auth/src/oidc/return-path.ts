import { AppError } from '@meridian/errors'
import { RETURN_PAGE_MOST } from '@meridian/protocol/http'

/** Where somebody is sent after a log-in that names no page. */
export const START_PATH = '/'

/** Printable ASCII without what browsers take for a slash. */
const LETTERS = /^\/[\x21-\x5b\x5d-\x7e]*$/
/** Resolves what was asked for; nobody has this name [RFC 2606]. */
const HERE = 'http://here.invalid'

/**
 * A page of the console, as it was asked for with `return`, with the dots of its path resolved. Throws AUT_BAD_RETURN for what could lead
 * to another origin (`//host`, `/\host`, `/.//host`), into a header, or to the api.
 */
export function parseReturnPath(text: string): string {
  const url = text.length <= RETURN_PAGE_MOST && LETTERS.test(text) ? new URL(text, HERE) : undefined
  if (url === undefined || url.origin !== HERE || !isPage(url.pathname)) throw badReturn()
  return `${url.pathname}${url.search}${url.hash}`
}

/** As `parseReturnPath`; the start page where that refuses, for somebody who is sent back with another refusal. */
export function safeReturnPath(text: string | undefined): string {
  try {
    return parseReturnPath(text ?? START_PATH)
  } catch {
    return START_PATH
  }
}

/** Neither the api nor what some browser could take for another host, however it is encoded. */
function isPage(path: string): boolean {
  const decoded = decodedOf(path)
  return decoded !== undefined && !decoded.includes('\\') && !/^\/(\/|api(\/|$))/i.test(decoded)
}

/** Undefined where it is not well encoded. */
function decodedOf(path: string): string | undefined {
  try {
    return decodeURIComponent(path)
  } catch {
    return undefined
  }
}

const badReturn = (): AppError =>
  new AppError('AUT_BAD_RETURN', {
    detail: `expected: a path of the console that begins with one slash, at most ${RETURN_PAGE_MOST} characters`
  })
