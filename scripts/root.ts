import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The folder of the repository, or of a release: the same from a source file and from a bundle of it, which lies
 * elsewhere.
 */
export const root = folderOf('LICENSE', dirname(fileURLToPath(import.meta.url)))

function folderOf(file: string, folder: string): string {
  if (existsSync(join(folder, file))) return folder
  const above = dirname(folder)
  if (above === folder) throw new Error(`no folder above this file has ${file}`)
  return folderOf(file, above)
}
