import { forms } from './subject-table.ts'

/**
 * A NATS pattern, read once. A pattern that names the topic of a subject that may be keyed stands for the
 * topic's keyed children too: they have one token more.
 */
export interface Pattern {
  readonly text: string
  /** The tokens, without a closing '>'. '*' stands for any one. */
  readonly tokens: readonly string[]
  /** It ends in '>': one token or more may follow. */
  readonly tail: boolean
  /** It names topics that may be keyed, and so matches their subjects with one token more. */
  readonly keyed: boolean
}

const keyedForms = forms.filter(form => form.row.keyed)
const keyedStarts = keyedForms.map(form => `${form.class}.`)

/** Splits a pattern that a gateway or broker has to check; parsePattern checks it here. */
export function splitPattern(text: string): Pattern {
  const tokens = text.split('.')
  const tail = tokens.at(-1) === '>'
  if (tail) tokens.pop()
  return { text, tokens, tail, keyed: !tail && namesKeyedTopics(tokens) }
}

const namesKeyedTopics = (tokens: readonly string[]): boolean =>
  keyedForms.some(
    form => form.tokens.length === tokens.length && (tokens[0] === '*' || tokens[0] === form.class)
  )

/**
 * Whether a subject falls under a pattern. Allocates nothing; for a hot path over many patterns build an
 * index instead.
 */
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

function isKeyedChild(subject: string, from: number): boolean {
  for (const start of keyedStarts) if (subject.startsWith(start)) return !subject.includes('.', from)
  return false
}

/**
 * The pattern as NATS filters that select the same subjects: two where it names topics, whose keyed children
 * NATS counts apart.
 */
export const filtersOf = (pattern: Pattern): readonly string[] =>
  pattern.keyed ? [pattern.text, `${pattern.text}.*`] : [pattern.text]

/** As `filtersOf`, but of keyed children only those of classes that may be keyed, which are several filters. */
export function exactFiltersOf({ text, tokens, keyed }: Pattern): readonly string[] {
  if (!keyed) return [text]
  const classes = tokens[0] === '*' ? [...new Set(keyedForms.map(form => form.class))] : [tokens[0]]
  return [text, ...classes.map(name => [name, ...tokens.slice(1), '*'].join('.'))]
}
