import { execFileSync } from 'node:child_process'
import { root } from '../root.ts'

/**
 * The commit of this clone, with `-dirty` where files of it were changed; empty where this is none. Files that git does
 * not know are none of a build: nothing that it knows reads them.
 */
export function revisionOf(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    const commit = git('rev-parse', 'HEAD')
    return git('status', '--porcelain', '--untracked-files=no') === '' ? commit : `${commit}-dirty`
  } catch {
    return ''
  }
}
