import type { Pattern } from './pattern.ts'
import { isNumberText } from './read-subject.ts'
import type { StreamName } from './streams.ts'
import { type Form, forms, isNumberName } from './subject-table.ts'

/** Streams of one site. */
export interface KeptSubjects {
  readonly streams: readonly StreamName[]
  readonly site: string
}

/**
 * Whether a subject that one of these streams may keep is under the pattern: false means that a subscription to it
 * brings nothing, whatever is published.
 */
export const isKeptUnder = (pattern: Pattern, kept: KeptSubjects): boolean =>
  formsOf(kept).some(form => allows(form, pattern, kept.site))

/** The forms of the subjects that these streams keep, with their site: `tel.summit.<csc>.<index>.<topic>`. */
export const keptForms = (kept: KeptSubjects): readonly string[] =>
  formsOf(kept).map(({ tokens, names }) =>
    tokens.map((token, at) => (names[at] === 'site' ? kept.site : token)).join('.')
  )

const formsOf = ({ streams }: KeptSubjects): readonly Form[] =>
  forms.filter(({ row }) => row.stream !== undefined && (streams as readonly string[]).includes(row.stream))

function allows(form: Form, { tokens, tail }: Pattern, site: string): boolean {
  const most = form.tokens.length + (form.row.keyed ? 1 : 0)
  const isLong = tail ? tokens.length < most : tokens.length <= most && tokens.length >= form.tokens.length
  return isLong && tokens.every((token, at) => token === '*' || mayStand(token, form, at, site))
}

function mayStand(token: string, { tokens, names }: Form, at: number, site: string): boolean {
  const name = names[at]
  if (name === 'site') return token === site
  if (name !== undefined) return !isNumberName(name) || isNumberText(token)
  return at >= tokens.length || token === tokens[at]
}
