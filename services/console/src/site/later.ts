import type { Signal } from '@preact/signals'

/** Moves an instant forward, never back: an older message never undoes a newer one. */
export function later(target: Signal<number | undefined>, ms: number): void {
  const held = target.peek()
  if (held === undefined || ms > held) target.value = ms
}
