import { type Pattern, tokensOf } from '@meridian/subjects'

/** Something that belongs to a pattern, and where it is filed. */
export interface FiledPattern {
  readonly pattern: Pattern
  /** Filled in by `add`. */
  file: PatternFile<FiledPattern> | undefined
}

/** Patterns that name the same token at the same place. */
interface PatternFile<Filed> {
  readonly place: number
  readonly token: string
  readonly filed: Filed[]
}

/**
 * Patterns by one token that they name: a new subject is held against those that name one of its tokens, not
 * against all.
 */
export interface FiledPatterns<Filed extends FiledPattern> {
  add(one: Filed): void
  remove(one: Filed): void
  /** All that may match a subject, and some that do not. */
  candidates(subject: string): Iterable<Filed>
}

/** A file without patterns, to which they are added. */
export function createFiledPatterns<Filed extends FiledPattern>(): FiledPatterns<Filed> {
  const places: Map<string, PatternFile<Filed>>[] = []
  /** Those that name no token at all. */
  const others: PatternFile<Filed> = { place: -1, token: '', filed: [] }

  /** The file of the token under which fewest are filed: that of a class or a site would hold nearly all. */
  const fileOf = ({ tokens }: Pattern): PatternFile<Filed> => {
    let fewest: PatternFile<Filed> | undefined
    for (const [place, token] of tokens.entries()) {
      if (token === '*') continue
      const file = places[place]?.get(token) ?? { place, token, filed: [] }
      if (fewest === undefined || file.filed.length < fewest.filed.length) fewest = file
    }
    return fewest ?? others
  }
  return {
    add(one) {
      const file = fileOf(one.pattern)
      one.file = file
      if (file !== others && file.filed.length === 0) {
        places[file.place] ??= new Map()
        places[file.place]?.set(file.token, file)
      }
      file.filed.push(one)
    },
    remove(one) {
      const { file } = one
      if (file === undefined) return
      const { place, token, filed } = file as PatternFile<Filed>
      const last = filed.pop()
      if (last !== undefined && last !== one) filed[filed.indexOf(one)] = last
      if (filed.length === 0) places[place]?.delete(token)
      one.file = undefined
    },
    *candidates(subject) {
      yield* others.filed
      for (const [place, token] of tokensOf(subject).entries()) yield* places[place]?.get(token)?.filed ?? []
    }
  }
}
