import { keyTextOf, readSubject, tokensOf } from '@meridian/subjects'
import type { SubjectParts } from './types.ts'

/** Every property that a subject of any class may have. */
interface AnyParts {
  readonly class: string
  readonly site: string
  readonly csc?: string
  readonly index?: number
  readonly topic?: string
  readonly command?: string
  readonly id?: string
  readonly key?: string | undefined
  readonly queue?: number
  readonly scriptIndex?: number
}

/**
 * Takes a subject apart as updates show it. One of a class that this client does not know yet still gets its
 * class and site.
 */
export function partsOf(subject: string): SubjectParts {
  const parsed: AnyParts = readSubject(subject) ?? unknownParts(subject)
  const { class: kind, site, key, queue, scriptIndex } = parsed
  const csc = parsed.csc ?? (scriptIndex === undefined ? '' : 'Script')
  const index = parsed.index ?? scriptIndex ?? 0
  const topic = parsed.topic ?? parsed.command ?? parsed.id ?? ''
  return {
    class: kind,
    site,
    csc,
    index,
    topic,
    ...(key !== undefined && { key: keyTextOf(key) }),
    ...(queue !== undefined && { queue })
  }
}

function unknownParts(subject: string): AnyParts {
  const [kind = '', site = ''] = tokensOf(subject)
  return { class: kind, site }
}
