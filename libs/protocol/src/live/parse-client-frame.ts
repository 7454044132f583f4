import { AppError } from '@meridian/errors'
import { decodeMsgpack, MAX_DEPTH } from '@meridian/msgpack'
import {
  type ClientFrame,
  type CommandRequest,
  type PatternRequest,
  RATES,
  type Rate,
  type SubscriptionRequest
} from './client-frames.ts'

/** Bounds on one frame. The number of subscriptions is bounded again per connection. */
export const FRAME_LIMITS = {
  subscriptions: 64,
  patterns: 1000,
  patternLength: 256,
  fields: 256,
  nameLength: 120,
  cursorLength: 2048
} as const

type Bag = Readonly<Record<string, unknown>>

const TOKEN = /^[A-Za-z0-9_=-]{1,120}$/
const ULID = /^[0-9a-hjkmnp-tv-z]{26}$/
const MAX_ID = 0x7fffffff

/**
 * Turns what a client sent into a frame. Text is JSON, bytes are MessagePack. Throws GTW_BAD_FRAME, GTW_UNKNOWN_OP or
 * GTW_TOO_MANY_SUBSCRIPTIONS; where the frame had an `id`, the error's facts name it.
 */
export function parseClientFrame(message: string | Uint8Array): ClientFrame {
  const value = typeof message === 'string' ? fromJson(message) : decodeMsgpack(message, { refuse })
  assertTame(value, 0)
  const frame = bagOf(value, 'frame')
  try {
    return frameOf(frame)
  } catch (err) {
    throw withId(AppError.from(err, 'GTW_BAD_FRAME'), frame['id'])
  }
}

function frameOf(frame: Bag): ClientFrame {
  const op = frame['op']
  switch (op) {
    case 'subscribe':
      only(frame, ['op', 'id', 'patterns'])
      return { op, ...subscriptionOf(frame, 'frame') }
    case 'unsubscribe':
      only(frame, ['op', 'id'])
      return { op, id: idOf(frame['id'], 'id') }
    case 'resume':
      only(frame, ['op', 'cursor', 'subscriptions'])
      return resumeOf(frame)
    case 'command':
      only(frame, ['op', 'id', 'csc', 'index', 'command', 'params', 'notAfterSeconds'])
      return commandOf(frame)
    case 'ping':
      only(frame, ['op', 'id'])
      return { op, id: idOf(frame['id'], 'id') }
    default:
      throw new AppError('GTW_UNKNOWN_OP', { op: typeof op === 'string' ? op.slice(0, 40) : typeof op })
  }
}

function resumeOf(frame: Bag): ClientFrame {
  const subscriptions = listOf(frame['subscriptions'], 'subscriptions', Number.POSITIVE_INFINITY)
  if (subscriptions.length > FRAME_LIMITS.subscriptions)
    throw new AppError('GTW_TOO_MANY_SUBSCRIPTIONS', { limit: FRAME_LIMITS.subscriptions })
  const parsed = subscriptions.map((item, i) => {
    const bag = bagOf(item, `subscriptions[${i}]`)
    only(bag, ['id', 'patterns'])
    return subscriptionOf(bag, `subscriptions[${i}]`)
  })
  if (new Set(parsed.map(s => s.id)).size !== parsed.length)
    throw bad('subscriptions', 'two have the same id')
  const cursor = textOf(frame['cursor'], 'cursor', FRAME_LIMITS.cursorLength)
  return { op: 'resume', cursor, subscriptions: parsed }
}

function subscriptionOf(bag: Bag, at: string): SubscriptionRequest {
  const patterns = listOf(bag['patterns'], `${at}.patterns`, FRAME_LIMITS.patterns)
  if (patterns.length === 0) throw bad(`${at}.patterns`, 'is empty')
  return {
    id: idOf(bag['id'], `${at}.id`),
    patterns: patterns.map((p, i) => patternOf(p, `${at}.patterns[${i}]`))
  }
}

function patternOf(value: unknown, at: string): PatternRequest {
  const bag = bagOf(value, at)
  only(bag, ['pattern', 'quality', 'rate', 'fields'])
  const { quality, rate, fields } = bag
  if (quality !== undefined && quality !== 'all' && quality !== 'latest')
    throw bad(`${at}.quality`, 'is neither all nor latest')
  if (rate !== undefined && !RATES.includes(rate as Rate))
    throw bad(`${at}.rate`, `is none of ${RATES.join(', ')}`)
  if (rate !== undefined && quality === 'all') throw bad(`${at}.rate`, 'has no meaning with all')
  return {
    pattern: textOf(bag['pattern'], `${at}.pattern`, FRAME_LIMITS.patternLength),
    ...(quality === undefined ? {} : { quality }),
    ...(rate === undefined ? {} : { rate: rate as Rate }),
    ...(fields === undefined ? {} : { fields: fieldsOf(fields, `${at}.fields`) })
  }
}

const fieldsOf = (value: unknown, at: string): readonly string[] =>
  listOf(value, at, FRAME_LIMITS.fields).map((field, i) =>
    textOf(field, `${at}[${i}]`, FRAME_LIMITS.nameLength)
  )

function commandOf(frame: Bag): CommandRequest {
  const { id, csc, index, command, notAfterSeconds } = frame
  if (typeof id !== 'string' || !ULID.test(id)) throw bad('id', 'is not a ULID in lower case')
  if (typeof csc !== 'string' || !TOKEN.test(csc)) throw bad('csc', 'is not a name')
  if (typeof command !== 'string' || !TOKEN.test(command)) throw bad('command', 'is not a name')
  const params = bagOf(frame['params'], 'params')
  return {
    op: 'command',
    id,
    csc,
    index: idOf(index, 'index'),
    command,
    params,
    ...(notAfterSeconds === undefined ? {} : { notAfterSeconds: secondsOf(notAfterSeconds) })
  }
}

function secondsOf(value: unknown): number {
  if (typeof value !== 'number' || !(value > 0 && value <= 86_400))
    throw bad('notAfterSeconds', 'is not more than 0 and at most 86400')
  return value
}

function idOf(value: unknown, at: string): number {
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 0 || value > MAX_ID)
    throw bad(at, `is not a whole number from 0 to ${MAX_ID}`)
  return value
}

function textOf(value: unknown, at: string, limit: number): string {
  if (typeof value !== 'string' || value === '' || value.length > limit)
    throw bad(at, `is not a text of 1 to ${limit} characters`)
  return value
}

function listOf(value: unknown, at: string, limit: number): readonly unknown[] {
  if (!Array.isArray(value) || value.length > limit) throw bad(at, `is not a list of at most ${limit}`)
  return value
}

function bagOf(value: unknown, at: string): Bag {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || value instanceof Uint8Array)
    throw bad(at, 'is not an object')
  return value as Bag
}

/** Unknown keys are refused, so that a misspelt one is noticed. */
function only(bag: Bag, known: readonly string[]): void {
  for (const key of Object.keys(bag))
    if (!known.includes(key)) throw bad(key.slice(0, 40), 'is not known here')
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new AppError('GTW_BAD_FRAME', { cause, detail: 'not JSON' })
  }
}

/** What the decoders let through and code further on must never meet: deep nesting and a key that reaches for the prototype. */
function assertTame(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return
  if (depth >= MAX_DEPTH) throw bad('frame', 'is nested too deeply')
  if (Object.hasOwn(value, '__proto__')) throw bad('__proto__', 'is not allowed')
  for (const item of Object.values(value)) assertTame(item, depth + 1)
}

function withId(err: AppError, id: unknown): AppError {
  if (typeof id !== 'number' && typeof id !== 'string') return err
  const short = typeof id === 'string' ? id.slice(0, 40) : id
  return new AppError(err.code, { cause: err, ...err.facts, id: short, ...detailOf(err) })
}

/** The sentence after the code and its constant message, if there was one. */
function detailOf(err: AppError): { detail?: string } {
  const detail = err.message.slice(`${err.code}: ${err.entry.message}: `.length)
  return detail === '' ? {} : { detail }
}

const refuse = (detail: string): AppError => new AppError('GTW_BAD_FRAME', { detail })
const bad = (at: string, why: string): AppError => refuse(`${at} ${why}`)
