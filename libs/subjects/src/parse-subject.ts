import { AppError } from '@meridian/errors'

/** A subject taken apart, by its class. `key` is still encoded: see keyTextOf. */
export type Subject =
  | {
      readonly class: 'tel' | 'evt'
      readonly site: string
      readonly csc: string
      readonly index: number
      readonly topic: string
      readonly key: string | undefined
    }
  | { readonly class: 'hb'; readonly site: string; readonly csc: string; readonly index: number }
  | {
      readonly class: 'script'
      readonly site: string
      readonly queue: number
      readonly scriptIndex: number
      readonly topic: string
    }
  | {
      readonly class: 'cmd' | 'exec'
      readonly site: string
      readonly csc: string
      readonly index: number
      readonly command: string
    }
  | {
      readonly class: 'intake'
      readonly site: string
      readonly partition: number
      readonly csc: string
      readonly index: number
      readonly id: string
    }
  | {
      readonly class: 'ack'
      readonly site: string
      readonly csc: string
      readonly index: number
      readonly id: string
    }
  | {
      readonly class: 'raw'
      readonly site: string
      readonly csc: string
      readonly index: number
      readonly kind: 'tel' | 'evt'
      readonly topic: string
    }
  | {
      readonly class: 'raw'
      readonly site: string
      readonly csc: string
      readonly index: number
      readonly kind: 'hb'
    }
  | { readonly class: 'audit'; readonly site: string; readonly kind: string }
  | { readonly class: 'job'; readonly phase: 'run' | 'state'; readonly site: string; readonly job: string }
  | { readonly class: 'gw' | 'cmdr'; readonly site: string }

/** The class of a subject: its first token. */
export type SubjectClass = Subject['class']

const TOKENS = /^[A-Za-z0-9_=-]{1,120}(?:\.[A-Za-z0-9_=-]{1,120}){0,15}$/
const MAX_LENGTH = 256
const INDEX = /^\d{1,10}$/
const MAX_INDEX = 0x7fffffff

const bad = (subject: string, why: string): AppError =>
  new AppError('WIR_BAD_SUBJECT', { detail: `'${subject.slice(0, 80)}' ${why}` })

/** Takes a subject of ours apart. Throws WIR_BAD_SUBJECT when it is not one. */
export function parseSubject(subject: string): Subject {
  if (subject.length > MAX_LENGTH || !TOKENS.test(subject)) throw bad(subject, 'is not tokens joined by dots')
  const tokens = subject.split('.')
  const parsed = shapes[tokens[0] as string]?.(tokens)
  if (parsed === undefined) throw bad(subject, 'is not a subject of Meridian')
  return parsed
}

type Shape = (tokens: readonly string[]) => Subject | undefined

/** The non-negative 32-bit number that a token is, or -1. */
function numberOf(token: string | undefined): number {
  if (token === undefined || !INDEX.test(token)) return -1
  const value = Number(token)
  return value <= MAX_INDEX ? value : -1
}

const shapes: Readonly<Record<string, Shape | undefined>> = {
  // No prototype, so that a class called "constructor" is unknown like any other.
  __proto__: null as never,
  tel: t => sampled('tel', t),
  evt: t => sampled('evt', t),
  hb: t => instanceOnly(t),
  script: t => script(t),
  cmd: t => commanded('cmd', t),
  exec: t => commanded('exec', t),
  intake: t => intake(t),
  ack: t => ack(t),
  raw: t => raw(t),
  audit: ([, site, kind, more]) =>
    site !== undefined && kind !== undefined && more === undefined
      ? { class: 'audit', site, kind }
      : undefined,
  job: ([, phase, site, job, more]) =>
    (phase === 'run' || phase === 'state') && site !== undefined && job !== undefined && more === undefined
      ? { class: 'job', phase, site, job }
      : undefined,
  gw: ([, site, load, more]) => (load === 'load' && more === undefined ? siteOnly('gw', site) : undefined),
  cmdr: ([, site, alive, more]) =>
    alive === 'alive' && more === undefined ? siteOnly('cmdr', site) : undefined
}

const siteOnly = (kind: 'gw' | 'cmdr', site: string | undefined): Subject | undefined =>
  site === undefined ? undefined : { class: kind, site }

function sampled(kind: 'tel' | 'evt', t: readonly string[]): Subject | undefined {
  const [, site, csc, indexText, topic, key] = t
  const index = numberOf(indexText)
  if (site === undefined || csc === undefined || index < 0 || topic === undefined || t.length > 6) return
  return { class: kind, site, csc, index, topic, key }
}

function instanceOnly([, site, csc, indexText, more]: readonly string[]): Subject | undefined {
  const index = numberOf(indexText)
  if (site === undefined || csc === undefined || index < 0 || more !== undefined) return
  return { class: 'hb', site, csc, index }
}

function script([, site, queueText, indexText, topic, more]: readonly string[]): Subject | undefined {
  const queue = numberOf(queueText)
  const scriptIndex = numberOf(indexText)
  if (site === undefined || queue < 0 || scriptIndex < 0 || topic === undefined || more !== undefined) return
  return { class: 'script', site, queue, scriptIndex, topic }
}

function commanded(kind: 'cmd' | 'exec', t: readonly string[]): Subject | undefined {
  const [, site, csc, indexText, command, more] = t
  const index = numberOf(indexText)
  if (site === undefined || csc === undefined || index < 0 || command === undefined || more !== undefined)
    return
  return { class: kind, site, csc, index, command }
}

function intake([, site, partitionText, csc, indexText, id, more]: readonly string[]): Subject | undefined {
  const partition = numberOf(partitionText)
  const index = numberOf(indexText)
  if (site === undefined || csc === undefined || id === undefined || more !== undefined) return
  return partition < 0 || index < 0 ? undefined : { class: 'intake', site, partition, csc, index, id }
}

function ack([, site, csc, indexText, id, more]: readonly string[]): Subject | undefined {
  const index = numberOf(indexText)
  if (site === undefined || csc === undefined || index < 0 || id === undefined || more !== undefined) return
  return { class: 'ack', site, csc, index, id }
}

function raw([, site, csc, indexText, kind, topic, more]: readonly string[]): Subject | undefined {
  const index = numberOf(indexText)
  if (site === undefined || csc === undefined || index < 0 || more !== undefined) return
  if (kind === 'hb') return topic === undefined ? { class: 'raw', site, csc, index, kind } : undefined
  if ((kind === 'tel' || kind === 'evt') && topic !== undefined)
    return { class: 'raw', site, csc, index, kind, topic }
  return
}
