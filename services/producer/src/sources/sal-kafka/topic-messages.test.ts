import { type Catalogue, loadCatalogue } from '@meridian/catalogue'
import { parseAvroSchema } from '@meridian/sal'
import { createMessageWriter } from '@meridian/sal/writing'
import t from 'tap'
import { createTopicMessages } from './topic-messages.ts'

const schema = JSON.stringify({ type: 'record', name: 'x', fields: [{ name: 'salIndex', type: 'int' }] })

t.test('made-up indices fill no memory: instances are forgotten, and known again', async t => {
  const catalogue: Catalogue = loadCatalogue()
  const messages = createTopicMessages(
    { csc: 'ESS', kind: 'tel', name: 'temperature' },
    { catalogue, assignment: { has: ({ index }) => index < 100 }, onField: () => undefined }
  )
  const read = messages.learn(1, parseAvroSchema(schema))
  const write = createMessageWriter(schema)
  const topicOf = (salIndex: number) => {
    const value = Buffer.concat([Buffer.alloc(5), write({ salIndex })])
    const record = { offset: 0n, key: null, value, timestampMs: 0 }
    return messages.read(read, record, { partition: 0, mayBeStored: false })?.topic
  }
  const first = topicOf(7)
  t.match(first, { csc: 'ESS', index: 7 })
  t.equal(topicOf(7), first, 'one object for all messages of an instance')
  for (let index = 1_000; index < 11_000; index++) topicOf(index)
  t.not(topicOf(7), first)
  t.same(topicOf(7), first)
})
