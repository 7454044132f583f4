import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { root } from '../root.ts'

/** Python with the packages that the examples need, where `.ci/install` has put it. */
export const python = join(root, 'node_modules/.cache/python/bin/python3')

/** Why no example in Python can run here; undefined where they can. */
export const whyNoPython = (): string | undefined =>
  existsSync(python)
    ? undefined
    : 'there is no Python with nats-py in node_modules/.cache/python: .ci/install'
