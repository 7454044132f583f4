import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Every `*.full.ts` in the folders `test-full` of scripts/, libraries and services, as paths from the
 * repository; sorted.
 */
export function findFullTests(root: string): string[] {
  const packages = ['libs', 'services'].flatMap(room =>
    readdirSync(join(root, room)).map(name => join(room, name))
  )
  return ['scripts', ...packages]
    .map(folder => join(folder, 'test-full'))
    .filter(folder => existsSync(join(root, folder)))
    .flatMap(folder =>
      readdirSync(join(root, folder), { recursive: true }).map(name => join(folder, String(name)))
    )
    .filter(file => file.endsWith('.full.ts'))
    .sort()
}
