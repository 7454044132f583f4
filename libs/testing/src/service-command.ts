import { fileURLToPath } from 'node:url'

/**
 * The arguments with which Node starts a service of the repository: from its sources, or, where the variable
 * TEST_BUNDLES is set, its bundle, which must be of these sources: `npm test` has built it, and a bundle
 * starts in a tenth of the time.
 */
export const serviceCommand = (name: string): readonly string[] =>
  commandOf(`services/${name}/src/main.ts`, `services/${name}/dist/main.js`)

/** As `serviceCommand`, of a command of the terminal: `tail` is `scripts/tail.ts`. */
export const scriptCommand = (name: string): readonly string[] =>
  commandOf(`scripts/${name}.ts`, `scripts/dist/${name}.js`)

function commandOf(source: string, bundle: string): readonly string[] {
  const file = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url))
  return process.env['TEST_BUNDLES'] === undefined ? ['--import', 'tsx', file(source)] : [file(bundle)]
}
