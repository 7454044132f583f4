/** What of a role decides about commands: patterns of `Component.command`, with `*` for any letters. */
export interface CommandingRole {
  readonly command: readonly string[]
}

/** A command by its name and that of the component. */
export interface CommandName {
  readonly csc: string
  readonly command: string
}

/** Whether `Component.command` with `*` for any letters fits a command. */
export function fitsCommand(pattern: string, csc: string, command: string): boolean {
  const source = pattern.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '\\w*')
  return new RegExp(`^${source}$`).test(`${csc}.${command}`)
}

/** Whether those who have a role may send a command. */
export const roleCommands = ({ command: patterns }: CommandingRole, { csc, command }: CommandName): boolean =>
  patterns.some(pattern => fitsCommand(pattern, csc, command))
