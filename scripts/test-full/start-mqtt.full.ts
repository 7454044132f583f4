import { execFileSync } from 'node:child_process'
import { stripVTControlCharacters } from 'node:util'
import { connectBroker, lastMessage } from '@meridian/broker'
import { decodeFields } from '@meridian/msgpack'
import { decodeSample } from '@meridian/sample'
import { createTestLog, waitFor } from '@meridian/testing'
import t from 'tap'
import { freePort } from '../start/ports.ts'
import { startCommand as start } from '../start/start-command.ts'

t.test(
  'a device that speaks MQTT is in the streams, as the closing lines of a start have it send',
  async t => {
    const port = await freePort()
    const system = start('--profile', 'small', '--port', String(port), '--data', t.testdir(), '--mqtt')
    t.teardown(() => system.child.exitCode ?? process.kill(-(system.child.pid as number), 'SIGINT'))
    const said = await system.said('Ctrl-C ends everything')
    const [line = ''] = /mosquitto_pub .*/.exec(stripVTControlCharacters(said)) ?? []
    execFileSync('sh', ['-c', line])
    const [, url = ''] = /NATS_URL=(nats:\S+);/.exec(stripVTControlCharacters(said)) ?? []
    const broker = await connectBroker({ servers: url, name: 'test', log: createTestLog() })
    t.teardown(() => broker.drain())
    const subject = 'tel.small.Greenhouse.0.climate'
    const stored = await waitFor(() => lastMessage(broker, 'TEL', subject), { what: 'it is stored' })
    t.same(decodeFields(decodeSample(stored.data).fields), { celsius: 21.5 })
  }
)
