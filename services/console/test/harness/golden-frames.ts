import { readFileSync } from 'node:fs'

interface GoldenFrame {
  readonly name: string
  readonly msgpack: string
  readonly json: string
}

/** The frames of `proto/conformance/frames.json`: bytes in hex, and text. */
export interface GoldenFrames {
  readonly client: ReadonlyArray<GoldenFrame & { readonly frame: object }>
  readonly server: ReadonlyArray<GoldenFrame & { readonly records: readonly unknown[] }>
}

/** Reads the golden frames of the live protocol, which all languages share. */
export const readGoldenFrames = (): GoldenFrames =>
  JSON.parse(
    readFileSync(new URL('../../../../proto/conformance/frames.json', import.meta.url), 'utf8')
  ) as GoldenFrames

/** The one whose name begins with `text`. */
export function namedFrame<F extends GoldenFrame>(frames: readonly F[], text: string): F {
  const frame = frames.find(one => one.name.startsWith(text))
  if (frame === undefined) throw new Error(`no golden frame '${text}'`)
  return frame
}
