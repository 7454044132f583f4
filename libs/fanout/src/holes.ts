/** Sequence numbers that a reader of a stream never got: both ends belong to them. */
export interface Hole {
  readonly from: number
  readonly to: number
}

/** A part of a stream in which a client may have lost messages. */
export interface Gap extends Hole {
  /** The subjects that lost some, where only they did and they are few; undefined: any subject may have. */
  readonly subjects?: readonly string[] | undefined
}

/** Subjects that a gap names at most. */
const MAX_NAMED = 50

/** A gap of these subjects; too many of them are not named. */
export const gapOf = ({ from, to }: Hole, subjects: Iterable<string>): Gap => {
  const named = [...subjects].sort()
  return named.length > MAX_NAMED ? { from, to } : { from, to, subjects: named }
}

/** The narrowest gap that covers all of these; undefined where there are none. */
export function joinGaps(gaps: readonly (Gap | undefined)[]): Gap | undefined {
  let joined: Gap | undefined
  for (const gap of gaps) if (gap !== undefined) joined = joined === undefined ? gap : join(joined, gap)
  return joined
}

function join(one: Gap, other: Gap): Gap {
  const span = { from: Math.min(one.from, other.from), to: Math.max(one.to, other.to) }
  if (one.subjects === undefined || other.subjects === undefined) return span
  return gapOf(span, new Set([...one.subjects, ...other.subjects]))
}

/** The holes that a follower met in one stream, oldest first. */
export interface Holes {
  add(hole: Hole): void
  /** What a reader who has everything up to `seq` has lost; undefined: nothing. */
  after(seq: number): Hole | undefined
  clear(): void
}

/** So many holes are told apart; of more, the two oldest become one. */
const MAX_HOLES = 1_000

/** Creates a list without holes, as after the start of a gateway. */
export function createHoles(): Holes {
  let holes: Hole[] = []
  return {
    add(hole) {
      holes.push(hole)
      if (holes.length <= MAX_HOLES) return
      const [oldest, second, ...rest] = holes as [Hole, Hole, ...Hole[]]
      holes = [{ from: oldest.from, to: second.to }, ...rest]
    },
    after(seq) {
      const first = holes.find(({ to }) => to > seq)
      const last = holes.at(-1)
      if (first === undefined || last === undefined) return undefined
      return { from: Math.max(first.from, seq + 1), to: last.to }
    },
    clear() {
      holes = []
    }
  }
}
