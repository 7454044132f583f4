import { type Broker, openBucket } from '@meridian/broker'
import { AppError } from '@meridian/errors'
import { Type } from 'typebox'
import { Check } from 'typebox/schema'
import { isWrongSequence } from './wrong-sequence.ts'

/** Beside the users in their bucket; no user's name begins so. */
const KEY = '_administrators'
/** Tries against others who change the list at the same time. */
const TRIES = 10

interface StoredNames {
  readonly names: readonly string[]
}

/** None where the list cannot be read: whoever is made or changed next is on it again. */
const namesOf = (value: unknown): readonly string[] =>
  Check(namesSchema, value) ? (value as StoredNames).names : []

const namesSchema = Type.Object({ names: Type.Array(Type.String()) })

/**
 * The list by which one administrator always remains. Users are written one by one, so two administrators who
 * remove each other would both see the other still there; each first takes the name off this one list, by its
 * revision. Whoever is on it is asked for all the same: a name too many or too few never lets the last one go.
 */
export interface Administrators {
  add(name: string): Promise<void>
  /** Throws AUT_LAST_ADMINISTRATOR, or AUT_USER_CHANGED where others change the list all the time. */
  remove(name: string): Promise<void>
}

/** The list in the bucket of users; `isAdministrator` reads a user at the leader. */
export function createAdministrators(
  broker: Broker,
  isAdministrator: (name: string) => Promise<boolean>
): Administrators {
  const bucket = openBucket<StoredNames>(broker, 'auth_users')

  const without = async (name: string, names: readonly string[]): Promise<readonly string[]> => {
    const others = names.filter(other => other !== name)
    for (const other of others) if (await isAdministrator(other)) return others
    throw new AppError('AUT_LAST_ADMINISTRATOR', { detail: name, user: name })
  }

  /** Reads, changes and writes the list until nobody else wrote in between. */
  async function change(to: (names: readonly string[]) => Promise<readonly string[]>): Promise<void> {
    for (let tried = 0; tried < TRIES; tried++) {
      const stored = await bucket.get(KEY)
      const before = namesOf(stored?.value)
      const names = await to(before)
      if (names.length === before.length) return
      if (await isWritten(stored?.revision, { names })) return
    }
    throw new AppError('AUT_USER_CHANGED', { detail: 'the list of administrators' })
  }

  async function isWritten(revision: number | undefined, value: StoredNames): Promise<boolean> {
    try {
      await (revision === undefined ? bucket.create(KEY, value) : bucket.update(KEY, value, revision))
      return true
    } catch (caught) {
      if (isWrongSequence(caught)) return false
      throw caught
    }
  }

  return {
    add: name => change(async names => (names.includes(name) ? names : [...names, name])),
    remove: name => change(names => without(name, names))
  }
}
