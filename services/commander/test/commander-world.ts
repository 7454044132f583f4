import type { Broker } from '@meridian/broker'
import { startTestSite } from '@meridian/broker/testing'
import type { AckRecord } from '@meridian/protocol/commands'
import { type ServiceProcess, waitFor } from '@meridian/testing'
import type { Test } from 'tap'
import { ask, stagesToEnd, startCommander, startComponent, type TestComponent } from './harness.ts'

/** The states of stages, in their order. */
export const states = (stages: readonly AckRecord[]): string[] => stages.map(({ state }) => state)
/** A command that the mount of these tests does, and parameters for it: it takes 10 ms a degree of azimuth. */
export const move = { csc: 'MTMount', command: 'moveToTarget' }
export const target = { azimuth: 10, elevation: 60 }

/** The mount: it moves and stops; it never answers `openMirrorCovers`, and refuses what it does not know. */
const startMount = (broker: Broker): TestComponent =>
  startComponent(broker, 'MTMount', 0, ({ command, params }, reply) => {
    if (command === 'openMirrorCovers') return
    if (command === 'stop') reply({ ack: 303, result: 'Done' })
    else if (command === 'homeBothAxes') {
      reply({ ack: 301, timeout: 0.1 })
    } else if (command === 'moveToTarget') {
      reply({ ack: 301, timeout: 5 })
      setTimeout(() => reply({ ack: 303, result: 'Done' }), Number(params['azimuth']) * 10)
    } else reply({ ack: -302, error: 1, result: `Failed: ${command} not allowed` })
  })

/** What tests of a pair of commanders work with. */
export interface Commanders {
  readonly broker: Broker
  readonly commanders: readonly ServiceProcess[]
  readonly mount: TestComponent
}

/** Two commanders of one site, and a mount that both have heard; all end with the test. */
export async function startCommanders(t: Test): Promise<Commanders> {
  const { nats, broker, stop } = await startTestSite()
  t.teardown(stop)
  const commanders = await Promise.all([
    startCommander(nats, { NAME: 'one', REPLY_MS: '1000' }),
    startCommander(nats, { NAME: 'two', REPLY_MS: '1000' })
  ])
  t.teardown(() => Promise.all(commanders.map(one => one.stop())))
  const mount = startMount(broker)
  t.teardown(() => mount.stop())
  const heard = await waitFor(
    async () => {
      const answer = await ask(broker, { csc: 'MTMount', command: 'stop' })
      return answer.state === 'accepted' ? answer : undefined
    },
    { what: 'the mount is heard' }
  )
  await stagesToEnd(broker, heard.id ?? '')
  return { broker, commanders, mount }
}
