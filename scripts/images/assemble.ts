import { chmodSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { AppError } from '@meridian/errors'
import { SBOM_FILE, type Sbom, sbomText } from '../build/list-packages.ts'
import { makeFolder } from '../make-folder.ts'
import { root } from '../root.ts'
import { runTool } from '../run-tool.ts'
import type { ImageSpec } from './image-table.ts'

/**
 * Puts what an image holds into a new folder: the built folders, LICENSE, and the list of all their packages as
 * `sbom.cdx.json`. Names and rights of the files depend on nothing but their contents. Rejects with RUN_BAD_FOLDER
 * where one is not built.
 */
export async function assembleImage(name: string, spec: ImageSpec, into: string): Promise<void> {
  const { folders, config } = spec
  if (config !== undefined) await build(config, folders.dist)
  rmSync(into, { recursive: true, force: true })
  makeFolder(into)
  const lists = Object.entries(folders).map(([at, from]) => {
    const folder = join(root, from)
    if (!existsSync(join(folder, SBOM_FILE)))
      throw new AppError('RUN_BAD_FOLDER', { detail: `${from} is not built: run pnpm bundle` })
    cpSync(folder, join(into, at), { recursive: true, filter: path => !path.endsWith(SBOM_FILE) })
    return JSON.parse(readFileSync(join(folder, SBOM_FILE), 'utf8')) as Sbom
  })
  const packages = lists.flatMap(({ components }) => components)
  writeFileSync(join(into, SBOM_FILE), sbomText(`meridian/${name}`, packages))
  cpSync(join(root, 'LICENSE'), join(into, 'LICENSE'))
  evenRights(into)
}

const build = (config: string, folder: string): Promise<string> =>
  runTool(join(root, 'node_modules/.bin/vite'), ['build', '--config', config, '--outDir', folder], {
    cwd: root
  })

const FOLDER_RIGHTS = 0o755
const FILE_RIGHTS = 0o644

/** Rights of files come from whoever cloned the repository; those of an image must not. */
export function evenRights(folder: string): void {
  chmodSync(folder, FOLDER_RIGHTS)
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) evenRights(path)
    else chmodSync(path, FILE_RIGHTS)
  }
}
