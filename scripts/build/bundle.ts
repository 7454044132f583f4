/**
 * How a process becomes one file that runs alone: `dist/<name>.js` with its source map, and beside it the
 * files that it reads and the list of its packages. tsc only checks. Packages are bundled too, so that an image needs nothing but `dist`,
 * and a start reads one file instead of a thousand.
 */
import { readFileSync, statSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import type { Plugin, UserConfig } from 'vite'
import { parse } from 'yaml'
import { listPackages } from './list-packages.ts'

/** `new URL('../facts/x.json', import.meta.url)`: a file that a module reads from beside itself. */
const FILE_URL = /new URL\((['"])(\.{1,2}\/[^'"]+)\1, import\.meta\.url\)/g

/** Modules that do so: our own, and the compression and checksums of Kafka's client. */
const READS_FILES = {
  include: [/\.ts$/, /@platformatic\/wasm-utils\//],
  exclude: /node_modules\/(?!.*@platformatic\/wasm-utils\/)/
}

/** A package that is never called, and the one that loads it nevertheless, where others do call it. */
interface NeverCalled {
  readonly id: RegExp
  readonly by?: RegExp
}

const NEVER_CALLED: readonly NeverCalled[] = [
  // What Fastify takes for its schemas by itself; every server of ours gets compilers of its own.
  { id: /^@fastify\/(ajv-compiler|fast-json-stringify-compiler)$/ },
  // Requests without a socket, files listed at the start, a worker for logs, quantiles: we have none of them.
  { id: /^(light-my-request|glob|thread-stream|tdigest)$/ },
  // Kinds of files that no console has.
  { id: /^\.\/types\/other$/, by: /\/mime\// },
  // Traces among the metrics; our own tracing has another version of it.
  { id: /^@opentelemetry\/api$/, by: /\/prom-client\// }
]

/**
 * Vite's configuration for processes: their names, and the source file that each begins in, from the
 * package's folder.
 */
export function bundleOf(entries: Readonly<Record<string, string>>): UserConfig {
  return {
    logLevel: 'warn',
    plugins: [copyReadFiles(), mapOwnCodeOnly(), writeAscii(), ...NEVER_CALLED.map(leaveOut), listPackages()],
    build: {
      ssr: true,
      ssrEmitAssets: true,
      target: 'node20',
      minify: false,
      sourcemap: true,
      reportCompressedSize: false,
      rolldownOptions: {
        input: { ...entries },
        output: {
          entryFileNames: '[name].js',
          chunkFileNames: '[name].js',
          comments: false,
          // Stack traces need places alone.
          sourcemapExcludeSources: true
        }
      }
    },
    ssr: { noExternal: true }
  }
}

/** Copies what a module reads from beside itself next to the bundle, and points the module there. */
function copyReadFiles(): Plugin {
  return {
    name: 'copy-read-files',
    transform: {
      filter: { id: READS_FILES, code: 'import.meta.url' },
      handler(code, id) {
        const moved = code.replace(FILE_URL, (whole, _quote, path: string) => {
          const file = join(dirname(id), path)
          if (!isFile(file)) return whole
          const fileName = assetNameOf(file)
          this.emitFile({ type: 'asset', fileName, source: sourceOf(file) })
          return `new URL('./${fileName}', import.meta.url)`
        })
        return moved === code ? undefined : { code: moved, map: null }
      }
    }
  }
}

/** A file's name beside the bundle: sites have their files in folders, all of the same name. */
function assetNameOf(file: string): string {
  const name = basename(file)
  if (name === 'site.yaml') return `${basename(dirname(file))}.yaml`
  return name.endsWith('.json') ? `${name}.br` : name
}

/**
 * The bytes of a file. YAML becomes JSON on one line, which is YAML too and is read in a hundredth of the time. JSON is
 * compressed: the facts of the catalogue have a fifth of their 590 KB then, in every image, for 2 ms of a start.
 */
function sourceOf(file: string): string | Uint8Array {
  const bytes = readFileSync(file)
  if (file.endsWith('.json')) return brotliCompressSync(bytes, COMPRESSION)
  return file.endsWith('.yaml') ? JSON.stringify(withExtended(file, parse(String(bytes)))) : bytes
}

/** The levels above take ten times as long for a twentieth. */
const COMPRESSION = { params: { [constants.BROTLI_PARAM_QUALITY]: 6 } }

/** What a site file extends lies beside it in the bundle. */
function withExtended(file: string, sections: unknown): unknown {
  if (typeof sections !== 'object' || sections === null || !('extends' in sections)) return sections
  return { ...sections, extends: assetNameOf(resolve(dirname(file), String(sections.extends))) }
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true
}

/**
 * Leaves packages out of the source map. Node reads the whole map when the first stack trace is printed, and
 * the event loop stands still meanwhile: 210 ms with packages, 25 ms without.
 */
function mapOwnCodeOnly(): Plugin {
  return {
    name: 'map-own-code-only',
    transform: {
      filter: { id: /node_modules/ },
      handler: code => ({ code, map: { mappings: '' } })
    }
  }
}

/** Modules that are never run become empty ones: whatever a bundle holds is read at each start. */
function leaveOut({ id: ids, by = /./ }: NeverCalled): Plugin {
  return {
    name: 'leave-out',
    enforce: 'pre',
    resolveId: {
      filter: { id: ids },
      handler: (id, importer = '') => (by.test(importer) ? `\0left-out:${id}` : undefined)
    },
    load: { filter: { id: /^\0left-out:/ }, handler: () => 'export {}' }
  }
}

/**
 * V8 reads a file of ASCII alone faster, and keeps it in half the memory. The line that names each module says its
 * package and version, and not where pnpm keeps it.
 */
function writeAscii(): Plugin {
  return {
    name: 'write-ascii',
    generateBundle(_options, bundle) {
      for (const file of Object.values(bundle))
        if (file.type === 'chunk')
          file.code = file.code.replace(NOT_ASCII, escaped).replace(PLACE_OF_PACKAGE, '$1$3$2')
    }
  }
}

/** `// ../../node_modules/.pnpm/ws@8.18.3_peers/node_modules/ws/`, which becomes `// ws@8.18.3/`. */
const PLACE_OF_PACKAGE =
  /^(\s*\/\/ )\S*?node_modules\/\.pnpm\/[^/]+?(@\d[^/_(]*)[^/]*\/node_modules\/((?:@[^/\s]+\/)?[^/\s]+)/gm

const NOT_ASCII = /[^\0-\x7f]/g
const escaped = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
