import { addressGroupOf } from '@meridian/service'
import t from 'tap'
import { createFailures } from './failures.ts'
import { createLogInTries } from './log-in-tries.ts'

function setUp() {
  const clock = { ms: 1_000_000, nowMs: () => clock.ms }
  const tries = createLogInTries(clock)
  const fail = (name: string, address: string): void => tries.begin(name, address).failed()
  const waitOf = (name: string, address: string): number => {
    try {
      tries.begin(name, address).cancelled()
      return 0
    } catch (caught) {
      return Number((caught as { facts: { retryAfterSeconds: number } }).facts.retryAfterSeconds)
    }
  }
  return { clock, tries, fail, waitOf }
}

t.test('five failures are free, then each doubles the wait, up to five minutes', async t => {
  const { clock, fail, waitOf } = setUp()
  const waits: number[] = []
  for (let failure = 0; failure < 16; failure++) {
    fail('ada', '10.0.0.1')
    waits.push(waitOf('ada', '10.0.0.1'))
    clock.ms += (waits.at(-1) ?? 0) * 1_000
  }
  t.same(waits, [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300])
  t.equal(waitOf('bob', '10.0.0.1'), 0, 'of another name')
  clock.ms += 3_600_000
  fail('ada', '10.0.0.1')
  t.equal(waitOf('ada', '10.0.0.1'), 0, 'an hour later it begins anew')
})

t.test('a success forgets the failures of the name, not those of the address', async t => {
  const { tries, fail, waitOf } = setUp()
  for (let failure = 0; failure < 4; failure++) fail('ada', '10.0.0.1')
  tries.begin('ada', '10.0.0.1').succeeded()
  fail('ada', '10.0.0.1')
  t.equal(waitOf('ada', '10.0.0.1'), 0)
  for (let failure = 0; failure < 45; failure++) fail(`user${failure}`, '10.0.0.1')
  t.equal(waitOf('bob', '10.0.0.1'), 1, 'who tries many names from one address waits')
  t.equal(waitOf('bob', '10.0.0.2'), 0)
})

t.test('who guesses at a name from elsewhere does not lock its owner out', async t => {
  const { tries, fail, waitOf } = setUp()
  tries.begin('ada', '10.0.0.1').succeeded()
  for (let failure = 0; failure < 5; failure++) fail('ada', '192.0.2.7')
  t.equal(waitOf('ada', '192.0.2.7'), 1)
  t.equal(waitOf('ada', '192.0.2.8'), 1, 'from any address')
  t.equal(waitOf('ada', '10.0.0.1'), 0, 'but where the name has logged in before')
})

t.test('whatever is typed as a name, it counts against no owner at his own address', async t => {
  const { tries, fail, waitOf } = setUp()
  tries.begin('ada', '10.0.0.1').succeeded()
  const group = addressGroupOf('10.0.0.1')
  for (const name of [`ada ${group}`, JSON.stringify(['ada', group]), `ada","${group}`])
    for (let failure = 0; failure < 5; failure++) fail(name, `192.0.2.${failure}`)
  t.equal(waitOf('ada', '10.0.0.1'), 0)
  t.same(
    ['10.0.0.1', '10.0.0.2'].map(address => tries.begin('ada', address).isKnown),
    [true, false]
  )
})

t.test('tries at once are no more than are free', async t => {
  const { tries } = setUp()
  const open = Array.from({ length: 5 }, () => tries.begin('ada', '10.0.0.1'))
  t.throws(() => tries.begin('ada', '10.0.0.1'), {
    code: 'AUT_TOO_MANY_TRIES',
    facts: { retryAfterSeconds: 1 }
  })
  for (const one of open) one.cancelled()
  tries.begin('ada', '10.0.0.1').cancelled()
})

t.test('however many keys fail, no more are kept than said', async t => {
  const clock = { ms: 0 }
  const failures = createFailures({ free: 1, mostKeys: 3 }, () => clock.ms)
  for (const key of ['a', 'b', 'c', 'd']) failures.open(key).failed()
  t.equal(failures.waitMs('a'), 0, 'the oldest is forgotten')
  for (const key of ['b', 'c', 'd']) t.equal(failures.waitMs(key), 1_000)
})

t.test('an IPv6 network of 64 bits is one address, and IPv4 is IPv4', async t => {
  for (const [address, group] of [
    ['10.0.0.1', '10.0.0.1'],
    ['::ffff:10.0.0.1', '10.0.0.1'],
    ['2001:db8:0:1::5', '2001:db8:0:1'],
    ['2001:0db8:0000:0001:aaaa:bbbb:cccc:dddd', '2001:db8:0:1'],
    ['2001:db8::1', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['fe80::1%eth0', 'fe80:0:0:0'],
    ['nonsense', 'nonsense']
  ] as const)
    t.equal(addressGroupOf(address), group, address)
})
