import type { LogRecord } from '@meridian/sal'
import type { SourceMessage } from '../source.ts'

/** A record that has a message; a tombstone has none. */
export type ValueRecord = LogRecord & { readonly value: Uint8Array }

/** The last message of each instance and key, of records that are read only for these. */
export interface LastMessages {
  /** Keeps a record whose message need not be read yet, as it is until `copy`; false where it must be read. */
  keep(record: ValueRecord): boolean
  /** Copies what was kept since the last call: the records themselves hold the whole answer of the broker. */
  copy(): void
  /** Keeps what a record says. */
  put(offset: bigint, message: SourceMessage): void
  /** Records that were kept, copied and not read yet; keeps none of them. */
  kept(): readonly ValueRecord[]
  /** Gives all messages in the order of the log, and keeps none. */
  take(): SourceMessage[]
}

/**
 * Makes one that keeps nothing yet. Messages without keys are told apart by the keys of their records, so that only
 * the last of each is read; a key may be spelled in several ways, so instances are told apart once more.
 */
export function createLastMessages(keys: readonly string[]): LastMessages {
  const kept = new Map<string, ValueRecord>()
  const records = new Map<string, ValueRecord>()
  const messages = new Map<string, { offset: bigint; message: SourceMessage }>()
  const put = (offset: bigint, message: SourceMessage): void => {
    const name = `${message.topic.index} ${keys.map(key => JSON.stringify(textOf(message, key))).join(' ')}`
    const before = messages.get(name)
    if (before === undefined || before.offset < offset) messages.set(name, { offset, message })
  }
  return {
    keep(record) {
      if (keys.length > 0 || record.key === null || record.key.length === 0) return false
      kept.set(latin1Of(record.key), record)
      return true
    },
    copy() {
      for (const [key, record] of kept) records.set(key, { ...record, value: new Uint8Array(record.value) })
      kept.clear()
    },
    put,
    kept() {
      const all = [...records.values()]
      records.clear()
      return all
    },
    take() {
      const all = [...messages.values()].sort((a, b) => Number(a.offset - b.offset))
      messages.clear()
      return all.map(({ message }) => message)
    }
  }
}

const latin1Of = ({ buffer, byteOffset, length }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, length).toString('latin1')
const textOf = ({ encoded }: SourceMessage, key: string): string => String(encoded?.keys[key])
