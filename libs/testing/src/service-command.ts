import { fileURLToPath } from 'node:url'

/**
 * The arguments with which Node starts a service of the repository: from its sources, or, where the variable
 * TEST_BUNDLES is set, its bundle, which must be of these sources: `npm test` has built it, and a bundle
 * starts in a tenth of the time.
 */
export function serviceCommand(name: string): readonly string[] {
  const file = (path: string): string =>
    fileURLToPath(new URL(`../../../services/${name}/${path}`, import.meta.url))
  return process.env['TEST_BUNDLES'] === undefined
    ? ['--import', 'tsx', file('src/main.ts')]
    : [file('dist/main.js')]
}
