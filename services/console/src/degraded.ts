import type { ClientStatus } from '@meridian/client'

/** What is slower on each step of the ladder of slow clients [docs/protocol.md#slow-clients]. */
const HELD_BACK: Readonly<Record<ClientStatus['degraded'], string | undefined>> = {
  none: undefined,
  slower: 'telemetry comes at most four times a second',
  latest: 'telemetry comes once a second, and plots have gaps',
  paused: 'TELEMETRY IS PAUSED, its values below are old'
}

/** What the banner says while the gateway holds back what this page cannot read in time. */
export interface DegradedText {
  readonly title: string
  readonly advice: string
}

/** What an operator reads of a step; undefined while everything comes. */
export function degradedTextOf(step: ClientStatus['degraded']): DegradedText | undefined {
  const heldBack = HELD_BACK[step]
  if (heldBack === undefined) return undefined
  return {
    title: `SLOW CONNECTION: ${heldBack}`,
    advice:
      'This computer or its network is slower than the data. States, events, alarms and commands come as always. ' +
      'Close plots and other tabs, or use a faster network: the rest comes back by itself.'
  }
}
