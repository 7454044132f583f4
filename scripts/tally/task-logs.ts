import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

/** What the tests of one task of turbo printed when they last ran. */
export interface TaskLog {
  /** The package's folder from the repository and the script's name: `services/api test:integration`. */
  readonly task: string
  readonly output: string
}

/** The logs that turbo keeps of all tests of packages and scripts. */
export function taskLogs(root: string): TaskLog[] {
  const packages = ['libs', 'services'].flatMap(folder =>
    readdirSync(join(root, folder)).map(name => join(root, folder, name))
  )
  return [root, ...packages].flatMap(folder => {
    const turbo = join(folder, '.turbo')
    if (!existsSync(turbo)) return []
    return readdirSync(turbo).flatMap(file => {
      const script = /^turbo-(test.*)\.log$/.exec(file)?.[1]?.replaceAll('$colon$', ':')
      if (script === undefined) return []
      const task = `${relative(root, folder) || 'scripts'} ${script}`
      return [{ task, output: readFileSync(join(turbo, file), 'utf8') }]
    })
  })
}
