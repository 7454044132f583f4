import { AppError } from '@meridian/errors'
import { groundOf } from '../ground-of.ts'

/** Where a registry is, and as whom it is asked. */
export interface RegistryAccess {
  /** With the path before its own, where it has one: `https://registry.example/apis/ccompat/v7`. */
  readonly url: string
  readonly user?: string
  readonly password?: string
  /** How long one answer may take; 5 seconds where it is not given. */
  readonly timeoutMs?: number
}

/** Asks once. Throws SAL_NO_SCHEMA where the registry says that there is none, else SAL_REGISTRY. */
export type RegistryRequest = (
  method: 'GET' | 'POST',
  path: string,
  body?: object
) => Promise<Readonly<Record<string, unknown>>>

const TIMEOUT_MS = 5_000
/** The largest schema of an observatory is 400 kB. */
const MAX_BYTES = 4 * 1024 * 1024
/** Subject, version or schema not found: any other 404 is about the path. */
const NOT_FOUND: readonly unknown[] = [40_401, 40_402, 40_403]
/** What is not to be shown of an answer that is none. */
const MAX_SHOWN = 60

/** Makes what asks a registry; nothing is asked yet. */
export function createRequest({
  url,
  user,
  password,
  timeoutMs = TIMEOUT_MS
}: RegistryAccess): RegistryRequest {
  const base = url.replace(/\/+$/, '')
  const headers = {
    accept: 'application/vnd.schemaregistry.v1+json, application/json',
    'content-type': 'application/vnd.schemaregistry.v1+json',
    ...(user !== undefined && {
      authorization: `Basic ${Buffer.from(`${user}:${password ?? ''}`).toString('base64')}`
    })
  }
  return async (method, path, body) => {
    const asked = fetch(`${base}${path}`, {
      method,
      headers,
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
      ...(body !== undefined && { body: JSON.stringify(body) })
    })
    return asked.then(answerOf).catch(cause => {
      throw cause instanceof AppError
        ? cause
        : new AppError('SAL_REGISTRY', { detail: `it is not reached: ${groundOf(cause)}`, cause })
    })
  }
}

function refuse(detail: string): never {
  throw new AppError('SAL_REGISTRY', { detail })
}

async function answerOf(response: Response): Promise<Readonly<Record<string, unknown>>> {
  const text = await textOf(response)
  const answer = parse(text)
  if (answer === undefined) refuse(`it answers ${response.status} with ${kindOf(response, text)}`)
  const detail = shown(answer['message'])
  if (NOT_FOUND.includes(answer['error_code'])) throw new AppError('SAL_NO_SCHEMA', { detail })
  if (!response.ok) refuse(`it answers ${response.status} ${detail}`)
  return answer
}

async function textOf(response: Response): Promise<string> {
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of response.body ?? []) {
    size += part.length
    if (size > MAX_BYTES) refuse(`its answer has more than ${MAX_BYTES} bytes`)
    parts.push(part)
  }
  return Buffer.concat(parts).toString()
}

function parse(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? { ...value } : undefined
  } catch {
    return undefined
  }
}

const kindOf = (response: Response, text: string): string =>
  `${response.headers.get('content-type') ?? 'nothing'}, not JSON: ${shown(text)}`

const shown = (value: unknown): string => (typeof value === 'string' ? value.slice(0, MAX_SHOWN) : '')
