import type { ClientFrame } from '@meridian/protocol/live'

/** A frame that is refused for its rate is read for its id up to here, bytes; a larger one costs too much. */
const READ_BYTES = 4096

/** The id of a frame, where its kind has one. */
export const idOf = (frame: ClientFrame): number | string | undefined =>
  'id' in frame ? frame.id : undefined

/** The id of a frame that is not taken; undefined where it is large, or cannot be read. */
export function idOfRefused(bytes: number, read: () => ClientFrame): number | string | undefined {
  if (bytes > READ_BYTES) return undefined
  try {
    return idOf(read())
  } catch {
    return undefined
  }
}
