import { AppError } from '@meridian/errors'

/**
 * A NATS pattern, read once. A pattern that names the topic of a `tel.` or `evt.` subject, that is one of five tokens, stands for the
 * topic's keyed children too: they have a sixth token [docs/subjects.md].
 */
export interface Pattern {
  readonly text: string
  /** The tokens, without a closing '>'. '*' stands for any one. */
  readonly tokens: readonly string[]
  /** It ends in '>': one token or more may follow. */
  readonly tail: boolean
  /** It names topics, and so matches subjects with one token more, where those are `tel.` or `evt.`. */
  readonly keyed: boolean
}

const MAX_LENGTH = 256
const MAX_TOKENS = 16
const TOPIC_TOKENS = 5
const PATTERN = /^(?:\*|[A-Za-z0-9_=-]{1,120})(?:\.(?:\*|[A-Za-z0-9_=-]{1,120}))*(?:\.>)?$/

const bad = (text: string, why: string): AppError =>
  new AppError('WIR_BAD_PATTERN', { detail: `'${text.slice(0, 80)}' ${why}` })

/** Reads a pattern that somebody sent. At most 256 characters and 16 tokens. Throws WIR_BAD_PATTERN. */
export function parsePattern(text: unknown): Pattern {
  if (typeof text !== 'string') throw new AppError('WIR_BAD_PATTERN', { detail: 'not a text' })
  if (text.length > MAX_LENGTH) throw bad(text, `has more than ${MAX_LENGTH} characters`)
  if (text !== '>' && !PATTERN.test(text))
    throw bad(text, "is not tokens joined by dots; '*' and a last '>' stand alone")
  const tokens = text.split('.')
  if (tokens.length > MAX_TOKENS) throw bad(text, `has more than ${MAX_TOKENS} tokens`)
  const tail = tokens.at(-1) === '>'
  if (tail) tokens.pop()
  return { text, tokens, tail, keyed: !tail && tokens.length === TOPIC_TOKENS && mayBeKeyed(tokens[0]) }
}

const mayBeKeyed = (classToken: string | undefined): boolean =>
  classToken === 'tel' || classToken === 'evt' || classToken === '*'

/** Whether a subject falls under a pattern. Allocates nothing; for a hot path over many patterns build an index instead. */
export function matches(pattern: Pattern, subject: string): boolean {
  let from = 0
  for (const token of pattern.tokens) {
    if (from > subject.length) return false
    const dot = subject.indexOf('.', from)
    const to = dot < 0 ? subject.length : dot
    if (token !== '*' && (to - from !== token.length || !subject.startsWith(token, from))) return false
    from = to + 1
  }
  const moreFollows = from <= subject.length
  if (pattern.tail) return moreFollows
  return !moreFollows || (pattern.keyed && isKeyedChild(subject, from))
}

const isKeyedChild = (subject: string, from: number): boolean =>
  (subject.startsWith('tel.') || subject.startsWith('evt.')) && !subject.includes('.', from)

/** The pattern as NATS filters that select the same subjects: two where it names topics, whose keyed children NATS counts apart. */
export const filtersOf = (pattern: Pattern): readonly string[] =>
  pattern.keyed ? [pattern.text, `${pattern.text}.*`] : [pattern.text]
