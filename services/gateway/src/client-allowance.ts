import { AppError } from '@meridian/errors'
import { CLOSE, type ClientFrame } from '@meridian/protocol/live'
import { TokenBucket } from '@meridian/service'
import type { Ending } from './connection.ts'
import { idOfRefused } from './frame-id.ts'

/** How many frames and bytes one client may send; beyond that frames are refused with a code. */
export interface FrameLimits {
  readonly maxFramesPerSecond: number
  readonly maxFrameBytes: number
  readonly maxBytesPerSecond: number
}

/** Frames that are nonsense, or that come too fast, before the connection is ended. */
const MAX_STRIKES = 50
const MAX_TOO_FAST = 500
/** A frame that is one too many of bytes counts as so many that come too fast: it was read for nothing. */
const TOO_MANY_BYTES = 10
/** Seconds of frames and bytes that may come at once. */
const BURST_SECONDS = 4

/** What a client may still send, and what it has been refused so far: a few refusals it may have, not endless ones. */
export class ClientAllowance {
  readonly #frames: TokenBucket
  readonly #bytes: TokenBucket
  readonly #maxFrameBytes: number
  #strikes = 0
  #tooFast = 0

  constructor({ maxFramesPerSecond, maxFrameBytes, maxBytesPerSecond }: FrameLimits) {
    this.#frames = new TokenBucket(maxFramesPerSecond, BURST_SECONDS)
    this.#bytes = new TokenBucket(maxBytesPerSecond, BURST_SECONDS)
    this.#maxFrameBytes = maxFrameBytes
  }

  /** Takes a frame without content that counts; false where it comes too fast. */
  takeFrame(): boolean {
    return this.#frames.take()
  }

  /**
   * Takes a frame. Throws GTW_TOO_FAST, GTW_FRAME_TOO_LARGE, GTW_TOO_MANY_BYTES, with the id of the frame where `read` may find one in
   * reasonable time.
   */
  assertFrame(data: Buffer, read: () => ClientFrame): void {
    const limit = this.#maxFrameBytes
    if (!this.#frames.take()) throw new AppError('GTW_TOO_FAST', { id: idOfRefused(data.length, read) })
    if (data.length > limit) throw new AppError('GTW_FRAME_TOO_LARGE', { limit })
    if (!this.#bytes.take(data.length))
      throw new AppError('GTW_TOO_MANY_BYTES', { id: idOfRefused(data.length, read) })
  }

  /** How the connection ends after this refusal; undefined while it goes on. */
  endingAfter(err: AppError): Ending | undefined {
    if (err.code === 'GTW_FRAME_TOO_LARGE') return CLOSE.tooLarge
    if (this.#isTooMuch(err)) return CLOSE.tryLater
    return isNonsense(err) && ++this.#strikes >= MAX_STRIKES ? CLOSE.protocolError : undefined
  }

  /** Whether this was the last refusal for too much that a connection may have. */
  #isTooMuch(err: AppError): boolean {
    const weight = weightOf(err)
    this.#tooFast += weight
    return weight > 0 && this.#tooFast >= MAX_TOO_FAST
  }
}

/** How much a refusal counts towards the end of a connection that asks for too much. */
function weightOf({ code }: AppError): number {
  if (code === 'GTW_TOO_FAST') return 1
  return code === 'GTW_TOO_MANY_BYTES' ? TOO_MANY_BYTES : 0
}

const isNonsense = ({ code }: AppError): boolean => code === 'GTW_BAD_FRAME' || code === 'GTW_UNKNOWN_OP'
