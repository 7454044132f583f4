import { existsSync } from 'node:fs'
import { join } from 'node:path'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Logger } from 'pino'

const YEAR_SECONDS = 31_536_000

/** Whether a folder holds a built console. */
export const hasConsole = (folder: string): boolean => folder !== '' && existsSync(join(folder, 'index.html'))

/**
 * Serves the console's files. Files under `assets/` carry a hash in their name and are cached for a year; the
 * page itself is revalidated at each load. A folder without a console is logged, and no files are served.
 */
export async function addConsoleFiles(app: FastifyInstance, folder: string, log: Logger): Promise<void> {
  if (!hasConsole(folder)) {
    log.warn({ folder }, 'no console files: only /api is served')
    return
  }
  await app.register(fastifyStatic, {
    root: folder,
    cacheControl: false,
    // The build wrote each file once more as .br and .gz.
    preCompressed: true,
    setHeaders(reply, path) {
      const hashed = path.includes('/assets/')
      void reply.header('cache-control', hashed ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache')
    }
  })
}

/**
 * Whether a browser navigates to an address of the console, such as `/instance/MTMount/0`; the page reads the
 * address itself.
 */
export function isPageRequest({ method, url, headers }: FastifyRequest): boolean {
  const path = url.split('?')[0] ?? ''
  const isPage = !path.startsWith('/api/') && !/\.[a-z0-9]{1,5}$/i.test(path)
  return method === 'GET' && isPage && (headers.accept ?? '').includes('text/html')
}

/** Answers with the console's page, `index.html`. */
export const sendPage = (reply: FastifyReply): FastifyReply =>
  reply.header('cache-control', 'no-cache').sendFile('index.html')
