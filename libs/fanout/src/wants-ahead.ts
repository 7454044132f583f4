import type { Pattern } from '@meridian/subjects'
import type { LiveTopic } from './live-topic.ts'
import type { PatternIndex } from './pattern-index.ts'
import type { PatternSet, Wants } from './pattern-set.ts'
import type { Work } from './work-turns.ts'

/** Topics of patterns that are walked in one piece: about a millisecond. */
const PIECE = 5_000

/** So many of them cost as much as to join the fields that several patterns choose. */
const JOIN_COST = 250

/**
 * Works out, in pieces, what patterns want of each topic together: to make a view of them is quick after that.
 * Nothing is to be done where no pattern chooses fields.
 */
export function* workOutWants<User>(set: PatternSet, index: PatternIndex<User>): Work<void> {
  if (!set.isProjecting) return
  const matching = new Map<LiveTopic, Pattern[]>()
  let walked = 0
  for (const text of set.texts)
    for (const topic of index.topicsOf(text)) {
      const texts = matching.get(topic)
      if (texts === undefined) matching.set(topic, [text])
      else texts.push(text)
      if (++walked % PIECE === 0) yield
    }
  yield* joinEach(matching.values(), set)
}

function* joinEach(combinations: Iterable<readonly Pattern[]>, set: PatternSet): Work<void> {
  const joined = new Set<Wants>()
  let cost = 0
  for (const texts of combinations) {
    const wants = set.wantsOf(texts)
    cost += texts.length + (joined.has(wants) ? 0 : JOIN_COST)
    joined.add(wants)
    if (cost < PIECE) continue
    cost = 0
    yield
  }
}
