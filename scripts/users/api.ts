import { readFileSync } from 'node:fs'
import { AppError, type Code, type WireError } from '@meridian/errors'
import type { LoggedInAnswer, LogInWayAnswer } from '@meridian/protocol/http'
import { caFileOf } from '../start/key-files.ts'
import { readRunFile } from '../start/run-file.ts'
import { USUAL_DATA } from '../tail/broker-of.ts'
import type { Secrets } from './secrets.ts'
import { send } from './send.ts'

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

/** Does something about a password without a log-in. */
export async function withApi<T>(choice: ApiChoice, work: (api: Api) => Promise<T>): Promise<T> {
  const api = createApi(placeOf(choice))
  await assertPasswords(api)
  return work(api)
}

/**
 * Does something in the name of the user of `--as`, who logs in with his password and out again, else of whoever the access
 * token in MERIDIAN_TOKEN speaks for. Throws RUN_BAD_OPTION where neither is given.
 */
export async function withUser<T>(
  choice: ApiChoice,
  secrets: Secrets,
  work: (api: Api) => Promise<T>
): Promise<T> {
  const place = placeOf(choice)
  const held = process.env['MERIDIAN_TOKEN']
  if (choice.as === undefined) {
    if (held) return work(createApi(place, held))
    const detail = 'expected: --as <name>, or an access token in MERIDIAN_TOKEN'
    throw new AppError('RUN_BAD_OPTION', { detail })
  }
  if (held) process.stderr.write(`MERIDIAN_TOKEN is left alone: --as ${choice.as} says who asks\n`)
  const { token, refresh } = await logIn(createApi(place), choice.as, secrets)
  const api = createApi(place, token)
  try {
    return await work(api)
  } finally {
    // A new password of one's own has ended the session already.
    await api.ask('DELETE', '/api/session', { refresh }).catch(() => undefined)
  }
}

async function logIn(api: Api, name: string, secrets: Secrets): Promise<LoggedInAnswer> {
  await assertPasswords(api)
  const password = await secrets.ask(`password of ${name}`)
  return api.ask('POST', '/api/session', { name, password, cookies: false })
}

/** Nobody types a password for a site that takes none: throws RUN_REFUSED, with what to do about it. */
async function assertPasswords(api: Api, advice = ADVICE.AUT_NO_PASSWORDS): Promise<void> {
  const { mode, provider } = await api.ask<LogInWayAnswer>('GET', '/api/session/way')
  if (mode === 'local') return
  const { code, message } = new AppError('AUT_NO_PASSWORDS', { detail: `log in through ${provider}` })
  throw refused(code, message, advice)
}

/** The same for a password that is given to somebody, by one who is logged in. */
export const assertGivesPasswords = (api: Api): Promise<void> => assertPasswords(api, KEPT_BY_PROVIDER)

/** Where the api is, and the CA that signed its certificate where that is none of the system's. */
interface ApiPlace {
  readonly url: string
  readonly ca?: string
}

/** The system that runs in the data folder has a CA of its own, whoever named its address. */
function placeOf({ api, data = USUAL_DATA }: ApiChoice): ApiPlace {
  const running = readRunFile(data)
  const url = api ?? running?.url ?? USUAL_URL
  const isOwn = running?.url !== undefined && new URL(running.url).origin === new URL(url).origin
  return isOwn && running.keys !== undefined
    ? { url, ca: readFileSync(caFileOf(running.keys), 'utf8') }
    : { url }
}

const createApi = ({ url, ca }: ApiPlace, token?: string): Api => ({
  async ask(method, path, body) {
    const headers = {
      accept: 'application/json',
      ...(body !== undefined && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` })
    }
    const text = body === undefined ? undefined : JSON.stringify(body)
    const sent = { method, headers, body: text, ca, timeoutMs: TIMEOUT_MS }
    const { status, text: answer } = await send(new URL(path, url), sent).catch((cause: unknown) =>
      Promise.reject(noApi(url, cause))
    )
    if (status === 204) return undefined as never
    const parsed = parsedIn(answer, url)
    if (status < 200 || status > 299) throw refusalOf(parsed, url)
    return parsed as never
  }
})

function parsedIn(text: string, url: string): object {
  try {
    return Object(JSON.parse(text)) as object
  } catch (cause) {
    throw noApi(url, cause)
  }
}

const refusalOf = ({ error }: { readonly error?: WireError }, url: string): AppError =>
  error === undefined ? noApi(url, 'its answer has no error of the api') : refused(error.code, error.message)

/** What the api says, and what a person at a terminal does about it. */
const refused = (code: string, message: string, advice = ADVICE[code as Code]): AppError =>
  new AppError('RUN_REFUSED', { detail: [message, advice ?? []].flat().join('. ') })

const KEPT_BY_PROVIDER = "Users, their names and roles are the provider's: one is here once he has logged in"

const ADVICE: Partial<Record<Code, string>> = {
  AUT_NO_PASSWORDS: `Put the access token of a browser that is logged in (its cookie meridian_access, good for five minutes) into MERIDIAN_TOKEN, without --as. ${KEPT_BY_PROVIDER}`,
  AUT_NOT_FOR_TOKENS:
    'MERIDIAN_TOKEN must be an access token here: of a browser that is logged in (its cookie meridian_access), or of POST /api/session'
}

const noApi = (url: string, cause: unknown): AppError =>
  new AppError('RUN_NO_API', { detail: `${url}: ${reasonOf(cause)}`, cause })

const reasonOf = (caught: unknown): string =>
  caught instanceof Error ? reasonOf(caught.cause ?? caught.message) : String(caught)
