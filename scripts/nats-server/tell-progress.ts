/** Waits for slow work and says every `everyMs` for how many seconds it has been running. */
export async function tellProgress<T>(
  work: Promise<T>,
  say: (line: string) => void,
  { what, everyMs }: { what: string; everyMs: number }
): Promise<T> {
  const began = performance.now()
  const timer = setInterval(
    () => say(`${what}: ${((performance.now() - began) / 1000).toFixed(0)} s so far`),
    everyMs
  )
  return work.finally(() => clearInterval(timer))
}
