import type { Fleet } from './fleet.ts'

/**
 * When the last of all commanders was heard, as an instant of the page's clock, once none of them beats:
 * nothing can be commanded then. Undefined while one beats, and where a site has none. Reads signals.
 */
export function commandersLostMs({ processes }: Pick<Fleet, 'processes'>): number | undefined {
  const commanders = processes.all.value.filter(({ kind }) => kind === 'Commander')
  const heard = commanders.map(({ beatMs }) => beatMs.value ?? Number.NEGATIVE_INFINITY)
  return commanders.length > 0 && commanders.every(({ isSilent }) => isSilent.value)
    ? Math.max(...heard)
    : undefined
}
