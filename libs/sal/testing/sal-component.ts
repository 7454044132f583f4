import { decodeFields, type Fields } from '@meridian/msgpack'
import {
  createLogReader,
  createMessageReader,
  createRegistry,
  FRAME_BYTES,
  parseKafkaTopic,
  schemaIdOf
} from '../src/index.ts'
import type { Observatory, StartedRegistry } from './observatory.ts'

/** A command as a component of SAL reads it. */
interface SalCommand {
  readonly command: string
  readonly index: number
  readonly seqNum: number
  readonly origin: number
  readonly identity: string
  readonly fields: Fields
}

/** What it acknowledges. */
interface SalReply {
  readonly ack: number
  readonly error?: number
  readonly result?: string
  readonly timeout?: number
}

/** A component, and what it was told so far. */
export interface SalComponent {
  readonly commands: readonly SalCommand[]
  stop(): Promise<void>
}

/** How a component answers: calls `reply` as often as it likes. */
export type SalBehaviour = (command: SalCommand, reply: (reply: SalReply) => Promise<void>) => void

/**
 * A component that reads its commands as SAL's do: from the end of the log, and a record that is none of its own ends
 * its reading for good.
 */
export async function startSalComponent(
  observatory: Observatory<StartedRegistry>,
  { csc, index = 0 }: { readonly csc: string; readonly index?: number },
  behaviour: SalBehaviour
): Promise<SalComponent> {
  const registry = createRegistry(observatory.registry)
  const commands: SalCommand[] = []
  await observatory.make({ csc, kind: 'ackcmd', topic: 'ackcmd' })
  const take = async (name: string, value: Uint8Array | null): Promise<void> => {
    if (value === null) throw new Error('a tombstone')
    const read = createMessageReader(await registry.schemaOf(schemaIdOf(value)), { specs: [] })
    const { salIndex, seqNum, origin, identity, fields } = read(value, FRAME_BYTES)
    if (seqNum <= 0) throw new Error(`a command with number ${seqNum}`)
    if (salIndex !== index) return
    const command = { command: name, index: salIndex, seqNum, origin, identity, fields: decodeFields(fields) }
    commands.push(command)
    behaviour(command, reply =>
      observatory.say({
        ...{ csc, index, kind: 'ackcmd', topic: 'ackcmd' },
        fields: { private_seqNum: seqNum, identity, origin, cmdtype: 0, ...reply }
      })
    )
  }
  const reader = createLogReader({
    access: { brokers: String(observatory.settings['LSST_KAFKA_BROKER_ADDR']), clientId: csc },
    wants: topic => topic.startsWith(`lsst.sal.${csc}.command_`),
    begin: async found => found.map(({ end }) => end),
    async take(taken) {
      for (const { topic, records } of taken)
        for (const { value } of records) await take(parseKafkaTopic(topic).name, value)
    },
    lost: () => undefined,
    failed: () => undefined
  })
  await reader.start()
  return { commands, stop: () => reader.stop() }
}
