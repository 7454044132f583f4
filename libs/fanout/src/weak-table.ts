/** Objects by key for as long as somebody else holds them. */
export interface WeakTable<T extends object> {
  /** The object of this key; made where there is none, or nobody holds it any more. */
  of(key: string, make: () => T): T
}

/** An empty table. A key goes when its object was collected: keys may be long, and clients choose them. */
export function createWeakTable<T extends object>(): WeakTable<T> {
  const held = new Map<string, WeakRef<T>>()
  const collected = new FinalizationRegistry<string>(key => {
    // Of a key that was asked for again meanwhile, the newer object is held.
    if (held.get(key)?.deref() === undefined) held.delete(key)
  })
  return {
    of(key, make) {
      const known = held.get(key)?.deref()
      if (known !== undefined) return known
      const made = make()
      held.set(key, new WeakRef(made))
      collected.register(made, key)
      return made
    }
  }
}
