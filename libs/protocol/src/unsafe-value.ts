/**
 * Why a decoded value must not be taken further, as the end of "… is"; undefined where it may. Decoders let
 * through what code further on must never meet: nesting beyond `maxDepth`, which ends in a full call stack,
 * and a key that reaches for the prototype.
 */
export function findUnsafe(value: unknown, maxDepth: number): string | undefined {
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return undefined
  if (maxDepth === 0) return 'nested too deeply'
  if (!Array.isArray(value) && Object.hasOwn(value, '__proto__')) return "not allowed to hold '__proto__'"
  for (const item of Array.isArray(value) ? value : Object.values(value)) {
    const reason = findUnsafe(item, maxDepth - 1)
    if (reason !== undefined) return reason
  }
  return undefined
}
