import { AppError, type WireError } from '@meridian/errors'
import type { LoggedInAnswer } from '@meridian/protocol/http'
import { readRunFile } from '../start/run-file.ts'
import { USUAL_DATA } from '../tail/broker-of.ts'
import type { Secrets } from './secrets.ts'

/** Where the api is and who asks, as a person says it. */
export interface ApiChoice {
  readonly api?: string
  /** Data folder of a running system; default: the usual one. */
  readonly data?: string
  /** Name of the user who asks. */
  readonly as?: string
}

/** The HTTP api of a site, asked in the name of one user. */
export interface Api {
  /** The answer, undefined where it has no body. Throws RUN_REFUSED for what the api refuses, RUN_NO_API where none answers. */
  ask<T>(method: string, path: string, body?: unknown): Promise<T>
}

const USUAL_URL = 'http://127.0.0.1:8080'
const TIMEOUT_MS = 10_000

/** Does something without a log-in. */
export const withApi = <T>(choice: ApiChoice, work: (api: Api) => Promise<T>): Promise<T> =>
  work(createApi(urlOf(choice)))

/**
 * Does something in the name of whoever MERIDIAN_TOKEN speaks for, else of the user of `--as`, who logs in with his
 * password and out again.
 */
export async function withUser<T>(
  choice: ApiChoice,
  secrets: Secrets,
  work: (api: Api) => Promise<T>
): Promise<T> {
  const url = urlOf(choice)
  const held = process.env['MERIDIAN_TOKEN']
  if (held) return work(createApi(url, held))
  if (choice.as === undefined)
    throw new AppError('RUN_BAD_OPTION', { detail: 'expected: --as <name>, or a token in MERIDIAN_TOKEN' })
  const password = await secrets.ask(`password of ${choice.as}`)
  const login = { name: choice.as, password, cookies: false }
  const { token, refresh } = await createApi(url).ask<LoggedInAnswer>('POST', '/api/session', login)
  const api = createApi(url, token)
  try {
    return await work(api)
  } finally {
    // A new password of one's own has ended the session already.
    await api.ask('DELETE', '/api/session', { refresh }).catch(() => undefined)
  }
}

const urlOf = ({ api, data = USUAL_DATA }: ApiChoice): string => api ?? readRunFile(data)?.url ?? USUAL_URL

const createApi = (url: string, token?: string): Api => ({
  async ask(method, path, body) {
    const response = await fetch(new URL(path, url), {
      method,
      headers: {
        accept: 'application/json',
        ...(body !== undefined && { 'content-type': 'application/json' }),
        ...(token !== undefined && { authorization: `Bearer ${token}` })
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS)
    }).catch((cause: unknown) => Promise.reject(noApi(url, cause)))
    if (response.status === 204) return undefined as never
    const answer = (await response
      .json()
      .catch((cause: unknown) => Promise.reject(noApi(url, cause)))) as object
    if (!response.ok) throw refusalOf(answer, url)
    return answer as never
  }
})

const refusalOf = ({ error }: { readonly error?: WireError }, url: string): AppError =>
  error === undefined
    ? noApi(url, 'its answer has no error of the api')
    : new AppError('RUN_REFUSED', { detail: error.message })

// `fetch` says why in the cause of what it throws.
const noApi = (url: string, cause: unknown): AppError =>
  new AppError('RUN_NO_API', { detail: `${url}: ${reasonOf(cause)}`, cause })

const reasonOf = (caught: unknown): string =>
  caught instanceof Error ? reasonOf(caught.cause ?? caught.message) : String(caught)
