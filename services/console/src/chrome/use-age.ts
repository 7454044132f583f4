import { type ReadonlySignal, useComputed } from '@preact/signals'
import { formatAge } from '../format/age.ts'
import { useShell } from '../shell.ts'

/**
 * How long ago something was, as a text that follows the page's clock; `otherwise` while `sinceMs` gives no
 * instant.
 */
export function useAge(sinceMs: () => number | undefined, otherwise: string): ReadonlySignal<string> {
  const { clock } = useShell()
  return useComputed(() => {
    // Read in any case: what gives no instant yet may depend on no signal, and must still be asked again.
    const now = clock.nowMs.value
    const since = sinceMs()
    return since === undefined ? otherwise : formatAge(Math.max(0, now - since))
  })
}
