import type { Broker } from '@meridian/broker'
import type { AckRecord } from '@meridian/protocol/commands'
import t from 'tap'
import { createStageRelays } from './stage-relays.ts'

const id = '01m80fr3a7f1yzzg6tds0bmepp'
const stage: AckRecord = {
  ...{ id, csc: 'MTMount', index: 0, command: 'move', time: 1, commander: 'c', boot: 'b' },
  state: 'complete'
}

function setUp() {
  const published: string[] = []
  const broker = { publish: (subject: string) => published.push(subject) } as unknown as Broker
  return { relays: createStageRelays(broker, 'summit'), published }
}

t.test('a command has eight relays at most, and its end frees them', async t => {
  const { relays, published } = setUp()
  const asker = { reply: 'inbox', door: 'nats' }
  for (let i = 0; i < 8; i++) relays.hold(id, asker)?.send()
  t.equal(relays.hold(id, asker), undefined)
  relays.onStage(stage, 1)
  t.equal(published.length, 16, 'the stage and the empty message, to each')
  t.ok(relays.hold(id, asker))
})

t.test('a relay of a command that is over, whose stages cannot be read, makes room', async t => {
  const { relays } = setUp()
  const asker = { reply: 'inbox', door: 'nats' }
  for (const isOpen of [false, true])
    for (let i = 0; i < 8; i++)
      await t.rejects(
        relays.hold(id, asker)?.sendAll(() => isOpen) ?? Promise.resolve(),
        'no broker to read from'
      )
  t.equal(relays.hold(id, asker), undefined, 'those of an open command go on')
})

t.test('what comes through one door leaves room for the others', async t => {
  const { relays } = setUp()
  const asker = { reply: 'inbox', door: 'nats' }
  const held = Array.from({ length: 1_000 }, (_, i) => relays.hold(`id${i}`, asker))
  t.notOk(held.includes(undefined))
  t.equal(relays.hold(id, asker), undefined)
  t.ok(relays.hold(id, { ...asker, door: 'other' }))
  held[0]?.drop()
  held[0]?.drop()
  t.ok(relays.hold(id, asker))
  t.equal(relays.hold('one more', asker), undefined, 'dropped twice is freed once')
})
