import { AppError } from '@meridian/errors'
import { frameOf, type MessageReader, type Registry } from '@meridian/sal'
import { waitFor } from '@meridian/testing'
import t from 'tap'
import { createSchemaReaders } from './schema-reader.ts'
import type { TopicMessages } from './topic-messages.ts'

const reader = (() => undefined) as unknown as MessageReader
const topic = { readerOf: () => undefined, learn: () => reader } as unknown as TopicMessages
const messageOf = (id: number): Uint8Array => frameOf(id, new Uint8Array())

t.test('a registry that is away is asked for a few of many schemas, and for all once it is back', async t => {
  const asked = new Set<number>()
  let isAway = true
  const registry = {
    async schemaOf(id: number) {
      asked.add(id)
      if (isAway) throw new AppError('SAL_REGISTRY')
      return { name: 'a', fields: [] }
    }
  } as unknown as Registry
  const failed: AppError[] = []
  const ending = new AbortController()
  const readers = createSchemaReaders(registry, ending.signal, error => failed.push(error))
  const found = Array.from({ length: 300 }, (_, id) => readers.of(topic, messageOf(id)))
  await waitFor(() => failed.length > 0, { what: 'a failure' })
  t.ok(asked.size < 20, `${asked.size} of 300`)
  isAway = false
  t.equal((await Promise.all(found)).length, 300)
  t.equal(readers.askingSinceMs(), undefined)
})

t.test('what waits for its turn ends with the others, and asks nothing more', async t => {
  let asked = 0
  const registry = {
    async schemaOf() {
      asked++
      throw new AppError('SAL_REGISTRY')
    }
  } as unknown as Registry
  const ending = new AbortController()
  const readers = createSchemaReaders(registry, ending.signal, () => undefined)
  const found = Array.from({ length: 300 }, (_, id) => readers.of(topic, messageOf(id)))
  ending.abort()
  const ends = await Promise.allSettled(found)
  t.ok(ends.every(({ status }) => status === 'rejected'))
  t.ok(asked < 20, `${asked} of 300`)
})
