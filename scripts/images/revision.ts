import { execFileSync } from 'node:child_process'
import { root } from '../root.ts'

/** The commit of this clone, with `-dirty` where files differ from it; empty where this is none. */
export function revisionOf(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  try {
    const commit = git('rev-parse', 'HEAD')
    return git('status', '--porcelain') === '' ? commit : `${commit}-dirty`
  } catch {
    return ''
  }
}
