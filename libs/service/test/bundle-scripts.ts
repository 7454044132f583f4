import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Test } from 'tap'
import { build } from 'vite'

/**
 * Bundles scripts of this folder, as processes are in production, and gives the folder of the bundles: one
 * starts in a fifth of the time that its source takes, and each is started several times.
 */
export async function bundleScripts(t: Test, names: readonly string[]): Promise<URL> {
  const outDir = t.testdir()
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      outDir,
      ssr: true,
      target: 'node20',
      minify: false,
      rolldownOptions: {
        input: names.map(name => fileURLToPath(new URL(`${name}.ts`, import.meta.url))),
        output: { entryFileNames: '[name].js' }
      }
    },
    ssr: { noExternal: true }
  })
  return pathToFileURL(join(outDir, '/'))
}
