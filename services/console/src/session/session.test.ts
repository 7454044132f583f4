import type { WireError } from '@meridian/errors'
import type { MeAnswer } from '@meridian/protocol/http'
import t from 'tap'
import { ApiError } from '../api.ts'
import { createSessionDoor, type SessionRoutes } from './renew.ts'
import { createSession } from './session.ts'

const me = (secondsLeft?: number): MeAnswer => ({
  ...{ mode: secondsLeft === undefined ? 'open' : 'local', name: 'ada', roles: ['viewer'], siteRoles: {} },
  ...(secondsLeft !== undefined && { secondsLeft })
})
const refusal = (code: string, status: number, canRetry = false): ApiError =>
  new ApiError({ code, message: code, canRetry } as WireError, status)

/** An api that answers what the test has put there, and a machine whose clocks the test sets. */
function world() {
  const said: string[] = []
  const answers: { me: () => MeAnswer; refresh: () => unknown } = {
    me: () => me(300),
    refresh: () => undefined
  }
  const clock = { steady: 0, wall: 1_000_000 }
  const routes: SessionRoutes = {
    async readMe() {
      said.push('me')
      return answers.me()
    },
    async refresh() {
      said.push('refresh')
      return answers.refresh()
    },
    alone: work => work()
  }
  const session = createSession({
    door: createSessionDoor(routes),
    clock: { steadyMs: () => clock.steady, wallMs: () => clock.wall }
  })
  const settle = () => new Promise<void>(resolve => setImmediate(resolve))
  async function after(ms: number, wallMs = ms): Promise<readonly string[]> {
    clock.steady += ms
    clock.wall += wallMs
    session.look()
    await settle()
    return said.splice(0)
  }
  return { session, answers, after, said }
}

const tokenEnds = (answers: ReturnType<typeof world>['answers'], code = 'AUT_NO_TOKEN'): void => {
  answers.me = () => {
    throw refusal(code, 401)
  }
}

t.test('the session is refreshed two minutes before its token ends, and not before', async t => {
  const { session, answers, after } = world()
  t.same(await after(0), ['me'])
  t.same(session.state.value, { kind: 'in' })
  t.same(await after(179_000), [])
  let left = 119
  answers.me = () => me(left)
  answers.refresh = () => {
    left = 300
  }
  t.same(await after(2_000), ['me', 'refresh', 'me'])
  t.same(await after(100_000), [])
  t.same(await after(81_000), ['me'], 'another tab has done it')
})

t.test('a machine that slept refreshes as soon as it is awake', async t => {
  const { answers, after } = world()
  await after(0)
  tokenEnds(answers)
  answers.refresh = () => {
    answers.me = () => me(300)
  }
  t.same(await after(1_000, 3_600_000), ['me', 'refresh', 'me'])
})

t.test('in mode open nothing is ever refreshed', async t => {
  const { session, answers, after } = world()
  answers.me = () => me()
  t.same(await after(0), ['me'])
  t.same(session.state.value, { kind: 'in' })
  t.same(await after(86_400_000), [])
})

t.test('who comes without a session is out, and in after a log-in', async t => {
  const { session, answers, after, said } = world()
  tokenEnds(answers)
  answers.refresh = () => {
    throw refusal('AUT_SESSION_ENDED', 401)
  }
  t.same(await after(0), ['me', 'refresh'])
  t.match(session.state.value, { kind: 'out', reason: { code: 'AUT_SESSION_ENDED' } })
  t.same(await after(600_000), [], 'nothing is asked meanwhile')
  answers.me = () => me(300)
  session.ask()
  await after(0)
  t.same(said, [])
  t.same(session.state.value, { kind: 'in' })
  t.equal(session.me.value?.name, 'ada')
})

t.test('an api that is away costs nobody his session: it is asked again, less and less often', async t => {
  const { session, answers, after } = world()
  await after(0)
  answers.me = () => me(100)
  answers.refresh = () => {
    throw refusal('NET_CONNECTION_LOST', 503, true)
  }
  t.same(await after(181_000), ['me', 'refresh'])
  t.same(await after(999), [])
  t.same(await after(1), ['me', 'refresh'])
  t.same(await after(1_000), [])
  t.same(await after(1_000), ['me', 'refresh'])
  t.same(session.state.value, { kind: 'in' })
  answers.refresh = () => {
    throw refusal('AUT_BAD_ORIGIN', 403)
  }
  t.same(await after(15_000), ['me', 'refresh'])
  t.same(session.state.value, { kind: 'in' }, 'a token that is good is used to its end')
})

t.test('where the api is away from the start, the link says whether somebody is logged in', async t => {
  const { session, answers, after } = world()
  answers.me = () => {
    throw refusal('CON_API_UNREACHABLE', 0, true)
  }
  await after(0)
  t.same(session.state.value, { kind: 'in' })
})

t.test('a link that was refused goes on once the session is good, else its reason is shown', async t => {
  const { session, answers, after } = world()
  await after(0)
  let agains = 0
  const expired = { code: 'AUT_EXPIRED', message: 'AUT_EXPIRED', canRetry: false } as WireError
  const revoked = {
    code: 'AUT_REVOKED',
    message: 'AUT_REVOKED: access was ended: roles',
    canRetry: false
  } as WireError
  session.refused(expired, () => agains++)
  t.same(await after(0), ['me'])
  t.equal(agains, 1)
  tokenEnds(answers)
  answers.refresh = () => {
    throw refusal('AUT_SESSION_ENDED', 401)
  }
  session.refused(revoked, () => agains++)
  await after(0)
  t.match(session.state.value, { kind: 'out', reason: revoked })
  t.equal(agains, 1)
})

t.test('who logs out is out without a reason, whatever the link hears of it first', async t => {
  for (const isLinkFirst of [true, false]) {
    const { session, answers, after } = world()
    await after(0)
    let done = (): void => undefined
    const left = session.leaveBy(() => new Promise(resolve => (done = resolve)))
    if (isLinkFirst) {
      tokenEnds(answers)
      answers.refresh = () => {
        throw refusal('AUT_SESSION_ENDED', 401)
      }
      session.refused({ code: 'AUT_REVOKED', message: 'AUT_REVOKED', canRetry: false }, () => undefined)
      await after(0)
    } else session.ask()
    done()
    await left
    await after(1_000)
    t.same(session.state.value, { kind: 'out', reason: undefined })
  }
})

t.test('who could not log out is still logged in', async t => {
  const { session, after } = world()
  await after(0)
  await t.rejects(session.leaveBy(() => Promise.reject(refusal('CON_API_UNREACHABLE', 0, true))))
  t.same(session.state.value, { kind: 'in' })
})
