import { AppError } from '@meridian/errors'

/** One image. */
export interface ImageSpec {
  /** Where its folders come from, by their names in the image; from the repository's folder. */
  readonly folders: Readonly<Record<string, string>> & { readonly dist: string }
  /** Configuration of Vite that builds `dist`; undefined: `pnpm bundle` does. */
  readonly config?: string
  /** A service goes on until it is told to stop; a job ends by itself. */
  readonly kind: 'service' | 'job'
  /** Settings with which a check starts it, besides the broker's address, the site and a port. */
  readonly settings: Readonly<Record<string, string>>
  /** Its arguments in a check, with `{nats}` and `{site}` for the broker's address and the site. */
  readonly args: readonly string[]
}

const service = (name: string, more: Readonly<Record<string, string>> = {}): ImageSpec => ({
  folders: { dist: `services/${name}/dist`, ...more },
  kind: 'service',
  settings: {},
  args: []
})

/** Every image by its name: `gateway` is `meridian/gateway`. What all have besides stands in deploy/images/Dockerfile. */
export const IMAGES: ReadonlyMap<string, ImageSpec> = new Map([
  ['api', service('api', { console: 'services/console/dist' })],
  ['commander', service('commander')],
  ['gateway', service('gateway')],
  ['producer', service('producer')],
  ['simulator', service('simulator')],
  [
    'streams',
    {
      folders: { dist: 'scripts/streams/dist' },
      config: 'scripts/build/streams.config.ts',
      kind: 'job',
      settings: {},
      args: ['--nats', '{nats}', '--site', '{site}', '--profile', 'laptop']
    }
  ]
])

/** Throws RUN_BAD_OPTION where there is no image of this name. */
export function imageSpecOf(name: string): ImageSpec {
  const spec = IMAGES.get(name)
  if (spec !== undefined) return spec
  throw new AppError('RUN_BAD_OPTION', {
    detail: `'${name}': one of ${[...IMAGES.keys()].join(', ')} is expected`
  })
}
