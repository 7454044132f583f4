import { MsgHdrsImpl } from '@nats-io/nats-core'

const ID = /^[\x21-\x7e]{1,512}$/

/** Whether a text can be a message id: printable ASCII without spaces. */
export const isMessageId = (id: string): boolean => ID.test(id)

/**
 * The one header of a publication. Used again for each message: nats.js encodes it before `publish` returns.
 */
export class IdHeaders extends MsgHdrsImpl {
  id = ''

  override encode(): Uint8Array {
    return Buffer.from(`NATS/1.0\r\nNats-Msg-Id: ${this.id}\r\n\r\n`, 'latin1')
  }
}
