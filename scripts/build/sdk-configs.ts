import type { InlineConfig } from 'vite'
import { bundleOf } from './bundle.ts'

const sourceOf = (path: string): string => `libs/client/src/${path}.ts`

/** Entries for programs and pages alike, and where each begins, from the repository's folder. */
const ENTRIES = {
  client: sourceOf('index'),
  frame: sourceOf('frame'),
  kept: sourceOf('kept'),
  minmax: sourceOf('minmax')
}

/** All that a program has: a page has its cookies instead of a token. */
export const PROGRAM_ENTRIES = { ...ENTRIES, program: sourceOf('program') }

/** All that a page has: those that start a worker are for pages alone, since workers are files beside them. */
export const PAGE_ENTRIES = {
  ...ENTRIES,
  worker: sourceOf('worker/worker'),
  shared: sourceOf('worker/shared')
}

const FILES = { entryFileNames: '[name].js', chunkFileNames: 'parts/[name].js', comments: false } as const

/** The folder is somebody's own: nothing else in it is touched. */
const writeInto = (outDir: string) => ({ outDir, emptyOutDir: false, copyPublicDir: false })

/** The SDK's entries as modules for Node, which need nothing but each other. */
export function programConfig(outDir: string): InlineConfig {
  const { build, ...config } = bundleOf(PROGRAM_ENTRIES)
  const rolldownOptions = { ...build?.rolldownOptions, output: FILES }
  return { ...config, configFile: false, build: { ...build, ...writeInto(outDir), rolldownOptions } }
}

/** The same for browsers, minified, with the entries that start a worker. No bundler is needed to use them. */
export function pageConfig(outDir: string): InlineConfig {
  const rolldownOptions = {
    input: PAGE_ENTRIES,
    preserveEntrySignatures: 'strict',
    output: FILES
  } as const
  return {
    configFile: false,
    logLevel: 'warn',
    // Workers are found from the module that starts them, wherever the folder is served.
    base: './',
    worker: { format: 'es', rolldownOptions: { output: FILES } },
    build: {
      ...writeInto(outDir),
      target: 'es2023',
      modulePreload: false,
      reportCompressedSize: false,
      rolldownOptions
    }
  }
}
