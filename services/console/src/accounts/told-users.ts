import type { UserAnswer } from '@meridian/protocol/http'

/** What the api answered to a change of one user, and when; no user: he was removed. */
interface ToldUser {
  readonly atMs: number
  readonly user: UserAnswer | undefined
}

/** What the api has answered to changes, by name: its list of users is a moment late. */
export type Told = ReadonlyMap<string, ToldUser>

/** A list that came so much later than an answer, ms, has what was answered, or what came after it. */
const LATE_MS = 3_000

/** With what the api answered at `atMs` for the user of this name. */
export const withTold = (told: Told, name: string, one: ToldUser): Told => new Map(told).set(name, one)

/** The users of a list that came at `listedMs`; those of whom it cannot have heard as the api's answer has them. */
export function usersOf(listed: readonly UserAnswer[], told: Told, listedMs: number): readonly UserAnswer[] {
  const users = new Map(listed.map(user => [user.name, user]))
  for (const [name, { atMs, user }] of told) {
    if (listedMs > atMs + LATE_MS) continue
    if (user === undefined) users.delete(name)
    else if (user.version >= (users.get(name)?.version ?? 0)) users.set(name, user)
  }
  return [...users.values()].sort((a, b) => (a.name < b.name ? -1 : 1))
}
