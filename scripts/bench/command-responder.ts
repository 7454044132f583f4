/**
 * Components that do at once whatever they are told, in a process of their own. Started by fork with the
 * address of the broker and the names; says 'ready', and answers every message with how many commands it has
 * executed.
 */
import { connectBroker } from '@meridian/broker'
import type { ExecReply } from '@meridian/protocol/commands'
import { encodeSample } from '@meridian/sample'
import { execOf, heartbeatOf } from '@meridian/subjects'
import { createTestLog } from '@meridian/testing'
import { taiSecondsOf } from '@meridian/time'

const [servers = '', ...cscs] = process.argv.slice(2)
const NO_FIELDS = Uint8Array.of(0x80)
const broker = await connectBroker({ servers, name: 'components', log: createTestLog() })
const done = JSON.stringify({ ack: 303, result: 'Done' } satisfies ExecReply)
let executed = 0

for (const csc of cscs) {
  const target = { site: 'summit', csc, index: 0 }
  broker.subscribe(`${execOf(target, 'x').slice(0, -1)}*`, message => {
    executed++
    message.respond(done)
  })
  beat(csc)
  setInterval(() => beat(csc), 1_000)
}
await broker.flush()
process.on('message', () => process.send?.(executed))
process.once('disconnect', () => process.exit(0))
process.send?.('ready')

function beat(csc: string): void {
  const now = taiSecondsOf(Date.now())
  const envelope = { sndStamp: now, rcvStamp: now, seqNum: 1, origin: 1, identity: csc, revCode: '' }
  const sample = encodeSample({ ...envelope, fields: NO_FIELDS, uncatalogued: false })
  broker.publish(heartbeatOf({ site: 'summit', csc, index: 0 }), sample)
}
