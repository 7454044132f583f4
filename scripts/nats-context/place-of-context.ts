import { existsSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import { AppError } from '@meridian/errors'
import { isNatsContext } from '../start/nats-context.ts'

/** Names that the nats tool takes, and that lead to no other folder. */
const NAME = /^[A-Za-z0-9][\w-]{0,63}$/

/** The folder in which the nats tool looks for contexts. */
export const natsFolderOf = (env: NodeJS.ProcessEnv): string =>
  join(env['XDG_CONFIG_HOME'] || join(homedir(), '.config'), 'nats', 'context')

/**
 * The file of a context in a folder. Throws RUN_BAD_OPTION for a name that cannot be one, and RUN_BAD_FILE where
 * a context of somebody else, or one that somebody changed, stands under it: that is never replaced.
 */
export function fileOfContext(folder: string, name: string): string {
  if (!NAME.test(name))
    throw new AppError('RUN_BAD_OPTION', {
      detail: `--name ${name}: letters, digits, '_' and '-' are expected, 64 at most`
    })
  const file = join(resolve(folder), `${name}.json`)
  if (existsSync(file) && !isNatsContext(readFileSync(file, 'utf8')))
    throw new AppError('RUN_BAD_FILE', {
      detail: `${file} is a context that was not written here, or was changed since: choose another --name, or remove it`
    })
  return file
}
