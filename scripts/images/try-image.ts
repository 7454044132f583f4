import { AppError } from '@meridian/errors'
import { VERSION } from '@meridian/service'
import { waitFor } from '@meridian/testing'
import { freePort } from '../start/ports.ts'
import { type Container, type ContainerEnd, startContainer } from './container.ts'
import type { BuiltImage } from './find-faults.ts'
import type { ImageSpec } from './image-table.ts'

const LIMIT_MS = 60_000

/** The folder and the broker with which a container of an image is tried. */
export interface Trial {
  /** A new folder. */
  readonly folder: string
  /** A broker that has the streams of `site`. */
  readonly natsUrl: string
  readonly site: string
}

/**
 * Starts a service's image, waits until it is ready, asks for its version, and tells it to stop; a job's image is
 * waited for. Resolves to the ms from the start until it was ready, or had done its job. Rejects with RUN_BAD_IMAGE
 * where it is not ready within a minute, tells another version, has started another process, or does not end with 0.
 */
export async function tryImage(built: BuiltImage, spec: ImageSpec, trial: Trial): Promise<number> {
  const port = await freePort()
  const { image, rootFolder } = built
  const given = { HOST: '127.0.0.1', PORT: String(port), NATS_URL: trial.natsUrl, SITE: trial.site }
  const args = spec.args.map(arg => arg.replace('{nats}', trial.natsUrl).replace('{site}', trial.site))
  const options = { folder: trial.folder, rootFolder, image, args, env: { ...given, ...spec.settings } }
  const beganMs = performance.now()
  const container = await startContainer(options)
  try {
    if (spec.kind === 'job') return await endOfJob(built, container, beganMs)
    await serve(built, container, `http://127.0.0.1:${port}`)
    const readyMs = performance.now() - beganMs
    const children = await container.children()
    if (children.length > 0) throw bad(built, `has started the processes ${children.join(', ')}`)
    await container.terminate()
    await endWell(built, container)
    return readyMs
  } finally {
    if (!container.hasEnded()) await container.kill()
  }
}

async function endOfJob(built: BuiltImage, container: Container, beganMs: number): Promise<number> {
  await endWell(built, container)
  return performance.now() - beganMs
}

/** Resolves once it is ready and has told the version that it is built from. */
async function serve(built: BuiltImage, container: Container, url: string): Promise<void> {
  const get = (path: string): Promise<Response> => fetch(`${url}${path}`)
  let seen = 'no answer'
  const isReady = async (): Promise<boolean> => {
    if (container.hasEnded()) return true
    const answer = await get('/readyz')
    seen = await answer.text()
    return answer.status === 200
  }
  await waitFor(isReady, { what: 'ready', timeoutMs: LIMIT_MS, everyMs: 50 }).catch(() => {
    throw bad(built, `is not ready after ${LIMIT_MS} ms: ${seen}`)
  })
  if (container.hasEnded()) throw bad(built, `ended before it was ready: ${lastLines(await container.ended)}`)
  const told = (await (await get('/version')).json()) as Readonly<
    Record<'version' | 'revision' | 'node', string>
  >
  if (told.version !== VERSION || told.revision !== built.revision || !told.node.startsWith('v24.'))
    throw bad(built, `tells ${JSON.stringify(told)} on /version`)
}

async function endWell(built: BuiltImage, container: Container): Promise<void> {
  const late = setTimeout(() => void container.kill(), LIMIT_MS)
  const end = await container.ended
  clearTimeout(late)
  if (end.code !== 0) throw bad(built, `ended with ${end.code}: ${lastLines(end)}`)
}

const bad = ({ name }: BuiltImage, detail: string): AppError =>
  new AppError('RUN_BAD_IMAGE', { detail: `${name} ${detail}` })

const lastLines = ({ printed }: ContainerEnd): string => printed.trim().split('\n').slice(-3).join(' | ')
