import { COMMAND_ID } from '@meridian/protocol/commands'

const MAX_NAME = 60
const OF_COMMAND = new RegExp(`@(${COMMAND_ID.slice(1, -1)})$`)

/**
 * The identity under which a command goes out: `user@<id of the command>`, of the form that SAL gives people. An
 * acknowledgement carries it back, so that every commander knows whose it is, and nobody takes it for his own who has
 * sent another one.
 */
export const identityOf = (principal: string, id: string): string =>
  `${principal.replace(/[^\w.+-]/g, '_').slice(0, MAX_NAME)}@${id}`

/** The command that an acknowledgement is for; undefined where it is for somebody who is no commander. */
export const commandOfIdentity = (identity: string): string | undefined => OF_COMMAND.exec(identity)?.[1]
