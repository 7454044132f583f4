import type { UserAnswer } from '@meridian/protocol/http'
import t from 'tap'
import { type Told, usersOf, withTold } from './told-users.ts'

const user = (name: string, version: number): UserAnswer => ({
  ...{ name, version, fullName: '', roles: [], disabled: false },
  ...{ madeAt: 0, madeBy: 'ada', changedAt: 0, changedBy: 'ada' }
})
const shown = (listed: readonly UserAnswer[], told: Told, listedMs: number) =>
  usersOf(listed, told, listedMs).map(({ name, version }) => `${name} ${version}`)

t.test(
  'a list that is a moment late neither hides what was answered nor brings back who is gone',
  async t => {
    const listed = [user('bob', 1), user('ada', 3)]
    t.same(shown(listed, new Map(), 0), ['ada 3', 'bob 1'])
    let told: Told = withTold(new Map(), 'bob', { atMs: 1_000, user: user('bob', 2) })
    told = withTold(told, 'ada', { atMs: 1_000, user: undefined })
    told = withTold(told, 'cy', { atMs: 1_000, user: user('cy', 1) })
    t.same(shown(listed, told, 1_100), ['bob 2', 'cy 1'])
    t.same(shown([user('bob', 5)], told, 1_100), ['bob 5', 'cy 1'], 'what is newer goes before it')
    t.same(shown([user('ada', 1)], told, 5_000), ['ada 1'], 'later the list alone counts')
  }
)
