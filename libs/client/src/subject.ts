import type { PatternRequest, Quality } from '@meridian/protocol/live'
import type { SubjectParts } from './types.ts'

const KEYED_LENGTH = 6

/** Takes a subject apart. A subject of a class that is not known yet still gets its class and site. */
export function partsOf(subject: string): SubjectParts {
  const [kind = '', site = '', csc = '', index = '', topic = '', key] = subject.split('.')
  if (kind === 'script')
    return { class: kind, site, csc: 'Script', index: Number(index), topic, queue: Number(csc) }
  const parts = { class: kind, site, csc, index: Number(index), topic }
  return key === undefined ? parts : { ...parts, key: decodeKey(key) }
}

/** `=HH` back to the byte it stands for; the bytes are UTF-8. */
function decodeKey(key: string): string {
  if (!key.includes('=')) return key
  try {
    return decodeURIComponent(key.replaceAll('%', '%25').replaceAll('=', '%'))
  } catch {
    return key
  }
}

/** Whether a NATS pattern matches a subject; one that names a topic matches its keyed children too [docs/subjects.md]. */
export function matches(pattern: readonly string[], subject: readonly string[]): boolean {
  for (let i = 0; i < pattern.length; i++) {
    if (pattern[i] === '>') return i < subject.length
    if (i >= subject.length || (pattern[i] !== '*' && pattern[i] !== subject[i])) return false
  }
  return subject.length === pattern.length || isKeyedChild(pattern, subject)
}

const isKeyedChild = (pattern: readonly string[], subject: readonly string[]): boolean =>
  subject.length === KEYED_LENGTH &&
  pattern.length === KEYED_LENGTH - 1 &&
  (subject[0] === 'evt' || subject[0] === 'tel')

/** What the gateway gives where no quality was asked for [docs/protocol.md#client-to-gateway-one-object-per-message]. */
export function qualityOf({ pattern, quality }: PatternRequest): Quality {
  return quality ?? (/^(tel|hb)\./.test(pattern) ? 'latest' : 'all')
}

const classesOf: Readonly<Record<string, readonly string[]>> = {
  TEL: ['tel', 'hb'],
  EVT: ['evt'],
  SCRIPT: ['script'],
  COMMANDS: ['intake', 'ack']
}

/** Whether a stream may hold subjects of this class (or first token of a pattern); an unknown stream may hold any. */
export function streamHolds(stream: string, kind: string | undefined): boolean {
  const classes = classesOf[stream]
  return classes === undefined || kind === undefined || kind === '*' || kind === '>' || classes.includes(kind)
}
