// A mount that speaks SAL on Kafka, and commanders that reach it there.
import type { Broker } from '@meridian/broker'
import { startTestSite } from '@meridian/broker/testing'
import {
  type Observatory,
  type SalBehaviour,
  type SalComponent,
  type StartedRegistry,
  startSalComponent
} from '@meridian/sal/testing'
import { type ServiceProcess, waitFor } from '@meridian/testing'
import type { Test } from 'tap'
import { ask, startCommander, startComponent } from './harness.ts'

const MOVE = { csc: 'MTMount', command: 'moveToTarget' }
export const STOP = { csc: 'MTMount', command: 'stop' }

/** The mount, the site's broker, and what starts a commander; all end with the test. */
interface SalMount {
  readonly broker: Broker
  readonly mount: SalComponent
  commander(name: string): Promise<ServiceProcess>
}

/** A mount on Kafka, which beats on NATS as its producer would say it. */
export async function startSalMount(
  t: Test,
  observatory: Observatory<StartedRegistry>,
  behaviour: SalBehaviour
): Promise<SalMount> {
  const { nats, broker, stop } = await startTestSite()
  t.teardown(stop)
  for (const { command } of [MOVE, STOP])
    await observatory.make({ csc: 'MTMount', kind: 'command', topic: command })
  const mount = await startSalComponent(observatory, { csc: 'MTMount' }, behaviour)
  t.teardown(() => mount.stop())
  const beats = startComponent(broker, 'MTMount', 0)
  t.teardown(() => beats.stop())
  const commander = async (name: string): Promise<ServiceProcess> => {
    const started = await startCommander(nats, {
      ...{ NAME: name, REPLY_MS: '3000', SINK: 'sal-kafka' },
      ...observatory.settings
    })
    t.teardown(() => started.stop())
    return started
  }
  return { broker, mount, commander }
}

const params = { azimuth: 10, elevation: 60 }

/** Asks until the commander has heard the mount; gives the id. */
export const accepted = (broker: Broker, payload: object = {}, what = MOVE): Promise<string> =>
  waitFor(
    async () => {
      const answer = await ask(broker, what, { params, ...payload })
      return answer.state === 'accepted' ? answer.id : undefined
    },
    { what: 'it is accepted' }
  )

/** A mount that moves, and does not stop. */
export const moves: SalBehaviour = (command, reply) => {
  void (async () => {
    await reply({ ack: 301, timeout: 5, result: '' })
    if (command.command === 'stop') await reply({ ack: -302, error: 1, result: 'Failed: stop not allowed' })
    else await reply({ ack: 303, result: 'Done' })
  })()
}
