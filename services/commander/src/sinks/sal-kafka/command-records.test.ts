import { loadCatalogue } from '@meridian/catalogue'
import type { IntakeRecord } from '@meridian/protocol/commands'
import { createMessageReader, FRAME_BYTES, parseAvroSchema } from '@meridian/sal'
import { systemClock } from '@meridian/time'
import t from 'tap'
import { createCommandRecords } from './command-records.ts'

const PRIVATE = {
  private_sndStamp: 'double',
  private_rcvStamp: 'double',
  private_seqNum: 'int',
  salIndex: 'int'
}
const fields = Object.entries({ ...PRIVATE, width: 'double' }).map(([name, type]) => ({ name, type }))
const text = JSON.stringify({ type: 'record', name: 'command_open', fields })
const schema = parseAvroSchema(text)
const records = createCommandRecords({
  registry: { latestOf: async () => ({ id: 7, schema, text }) },
  catalogue: loadCatalogue(),
  subname: 'sal',
  clock: systemClock
})
const open = { csc: 'Greenhouse', index: 3, command: 'open', principal: 'me', id: 'x' }

t.test('a command fits a schema whose private fields have no defaults', async t => {
  const { topic, value } = await records.of({ ...open, params: { width: 1.5 } } as unknown as IntakeRecord)
  t.equal(topic, 'lsst.sal.Greenhouse.command_open')
  const message = createMessageReader(schema, { specs: [] })(value, FRAME_BYTES)
  t.equal(message.salIndex, 3)
})

t.test('a parameter that has neither a value nor a default is named', async t => {
  await t.rejects(records.of({ ...open, params: {} } as unknown as IntakeRecord), {
    code: 'SAL_BAD_MESSAGE',
    message: /width has no value/
  })
})
