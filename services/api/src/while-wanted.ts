import { AppError } from '@meridian/errors'
import type { FastifyRequest } from 'fastify'

/**
 * Runs work for a request; its signal is aborted, with NET_STOPPING as the reason, when the client goes away or
 * the service stops. Nothing of it stays at either: one connection carries many requests, and `stopping` lives as long as the process.
 */
export async function whileWanted<T>(
  { raw: { socket } }: FastifyRequest,
  stopping: AbortSignal,
  work: (signal: AbortSignal) => Promise<T>
): Promise<T> {
  const end = new AbortController()
  const abort = (): void => end.abort(new AppError('NET_STOPPING'))
  if (stopping.aborted || socket.destroyed) abort()
  stopping.addEventListener('abort', abort, { once: true })
  socket.once('close', abort)
  try {
    return await work(end.signal)
  } finally {
    stopping.removeEventListener('abort', abort)
    socket.off('close', abort)
  }
}
