import { COMMAND_ID } from '@meridian/protocol/commands'
import t from 'tap'
import { ulid } from './ulid.ts'

t.test('an id is one of the protocol, also where the clock tells fractions of a millisecond', async t => {
  for (const nowMs of [0, 1.7e12, 1_764_175_638_704.125, 2 ** 48 - 1])
    t.match(ulid(nowMs), new RegExp(COMMAND_ID))
  t.equal(ulid(1_764_175_638_704.9).slice(0, 10), ulid(1_764_175_638_704).slice(0, 10))
})
