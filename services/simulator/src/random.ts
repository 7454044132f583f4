/** A 32-bit number from a text and a seed: FNV-1a with a last mixing, so that near texts give far numbers. */
export function hashOf(text: string, seed = 0): number {
  let hash = 0x811c9dc5 ^ seed
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** The hash of a text and a seed as a number from 0 up to 1. */
export const unitOf = (text: string, seed = 0): number => hashOf(text, seed) / 2 ** 32

/** Creates a source of numbers from 0 up to 1 that repeats for the same seed. */
export function createRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/** A smooth function of seconds between -1 and 1. */
export type Wave = (seconds: number) => number

/**
 * Creates a smooth function of seconds between -1 and 1: the sum of a slow, a medium and a small fast sine
 * wave.
 */
export function createWave(key: string, seed: number, periodSeconds = 900): Wave {
  const turn = 2 * Math.PI
  const slow = turn / (periodSeconds * (0.7 + 0.6 * unitOf(`${key}/slow`, seed)))
  const middle = turn / ((periodSeconds / 7) * (0.7 + 0.6 * unitOf(`${key}/middle`, seed)))
  const quick = turn / ((periodSeconds / 45) * (0.7 + 0.6 * unitOf(`${key}/quick`, seed)))
  const [a, b, c] = ['a', 'b', 'c'].map(name => turn * unitOf(`${key}/${name}`, seed)) as [
    number,
    number,
    number
  ]
  return seconds =>
    0.72 * Math.sin(slow * seconds + a) +
    0.23 * Math.sin(middle * seconds + b) +
    0.05 * Math.sin(quick * seconds + c)
}
