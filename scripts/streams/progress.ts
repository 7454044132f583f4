const STEP_BYTES = 64 * 1024 * 1024
const MIB = 1024 * 1024

/** Says of a stream how much of it has gone by, a line for each 64 MiB. */
export function createProgress(say: (line: string) => void): (stream: string, bytes: number) => void {
  const told = new Map<string, number>()
  return (stream, bytes) => {
    const steps = Math.floor(bytes / STEP_BYTES)
    if (steps <= (told.get(stream) ?? 0)) return
    told.set(stream, steps)
    say(`${stream}: ${Math.floor(bytes / MIB)} MiB`)
  }
}
