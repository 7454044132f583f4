import { setTimeout as sleep } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import { createWeakTable } from './weak-table.ts'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

const KEY_CHARS = 10_000
/** Written out, not a text that shares what it is padded with. */
const keyOf = (n: number): string => JSON.stringify(String(n).padStart(KEY_CHARS))

/** Bytes of the heap, once what nobody holds is gone and the tables were told. */
async function heapBytes(): Promise<number> {
  for (let i = 0; i < 5; i++) {
    await sleep(10)
    collectGarbage()
  }
  return process.memoryUsage().heapUsed
}

t.test('a key goes with its object, one that is held stays', async t => {
  const KEYS = 2_000
  const table = createWeakTable<{ readonly n: number }>()
  const kept = table.of('kept', () => ({ n: -1 }))
  const before = await heapBytes()
  for (let n = 0; n < KEYS; n++) table.of(keyOf(n), () => ({ n }))
  const grown = (await heapBytes()) - before
  t.ok(grown < (KEYS * KEY_CHARS) / 10, `${grown} bytes are left of ${KEYS * KEY_CHARS}`)
  t.equal(
    table.of('kept', () => ({ n: -2 })),
    kept
  )
})

t.test('the object that a key got anew outlives the end of its first', async t => {
  const table = createWeakTable<{ readonly n: number }>()
  table.of('key', () => ({ n: 1 }))
  // A WeakRef holds what it was asked for to the end of the turn; a table is told in a turn of its own.
  await sleep(10)
  collectGarbage()
  const second = table.of('key', () => ({ n: 2 }))
  t.equal(second.n, 2, 'the first is gone')
  await heapBytes()
  t.equal(
    table.of('key', () => ({ n: 3 })),
    second
  )
})
