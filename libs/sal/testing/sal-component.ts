import { ackFieldsOf, readCommand, type SalCommand, type SalReply } from '../src/component.ts'
import { createLogReader, createRegistry } from '../src/index.ts'
import type { Observatory, StartedRegistry } from './observatory.ts'

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
  const take = async (topic: string, value: Uint8Array | null): Promise<void> => {
    const command = await readCommand(topic, value, registry)
    if (command.index !== index) return
    commands.push(command)
    behaviour(command, reply =>
      observatory.say({
        ...{ csc, index, kind: 'ackcmd', topic: 'ackcmd' },
        fields: ackFieldsOf(command, reply)
      })
    )
  }
  const reader = createLogReader({
    access: { ...observatory.access, clientId: csc },
    wants: topic => topic.startsWith(`lsst.sal.${csc}.command_`),
    begin: async found => found.map(({ end }) => end),
    async take(taken) {
      for (const { topic, records } of taken) for (const { value } of records) await take(topic, value)
    },
    lost: () => undefined,
    failed: () => undefined
  })
  await reader.start()
  return { commands, stop: () => reader.stop() }
}
