import type { SpecState } from '../catalogue.ts'
import { useShell } from '../shell.ts'
import { componentFactsOf } from '../site/site-facts.ts'
import { recallStops, type Stop, stopsOf } from './stops.ts'

/** The stops and aborts of one instance, and what sends one; the newest site that is known tells which. */
export function useStops(csc: string, index: number, spec: SpecState) {
  const { site, connection, commands } = useShell()
  const facts = site.value
  const stops = stopsOf({
    spec: spec.kind === 'known' ? spec.spec : undefined,
    stops: facts ? componentFactsOf(facts, csc).stops : recallStops(connection.status.value.site, csc)
  })
  const sendStop = ({ command, params }: Stop): void =>
    void commands.sendStop({ csc, index, command, params })
  return { stops, sendStop }
}
