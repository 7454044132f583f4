import { permissionsOf } from '@meridian/auth/broker'
import { intersect, type ProcessKind, processKinds, splitPattern } from '@meridian/subjects'
import { CHANGE_WORD } from '../keyed-site/facts.ts'
import type { Used } from './traced-broker.ts'

/** A right of a kind, and a subject that was used under it and under no other. */
export interface Need {
  readonly kind: ProcessKind
  readonly what: 'publish' | 'subscribe'
  readonly right: string
  /** Undefined: nothing was done that needs the right. */
  readonly witness: string | undefined
}

const isHeld = (subject: string, right: string): boolean =>
  intersect(splitPattern(right), splitPattern(subject)).includes(subject)

/** Every right of the table, with what was done under it alone. */
export const needsOf = (site: string, used: ReadonlyMap<ProcessKind, Used>): readonly Need[] =>
  processKinds.flatMap(kind =>
    (['publish', 'subscribe'] as const).flatMap(what => {
      const rights = permissionsOf(kind, site, CHANGE_WORD)[what]
      const subjects = [...(used.get(kind)?.[what] ?? [])]
      return rights.map(right => {
        const others = rights.filter(other => other !== right)
        const witness = subjects.find(
          subject => isHeld(subject, right) && !others.some(other => isHeld(subject, other))
        )
        return { kind, what, right, witness }
      })
    })
  )
