import { AppError } from '@meridian/errors'
import { COMMAND_SIZES, parseCommandBody, readExactJsonObject } from '@meridian/protocol/commands'
import type { FastifyError, FastifyInstance, FastifyRequest } from 'fastify'

/**
 * Makes the routes of a scope take their body as a command: read with numbers as they were sent and checked
 * as at every other door, with the same codes (CMD_BAD_REQUEST, CMD_BAD_ID, CMD_BAD_PARAMETER,
 * CMD_TOO_LARGE). Fastify's own parser would round integers beyond 2^53 and mend text that is not UTF-8.
 */
export function readCommandBodies(scope: FastifyInstance): void {
  scope.removeAllContentTypeParsers()
  scope.addContentTypeParser(
    'application/json',
    { parseAs: 'buffer' },
    async (_request: FastifyRequest, body: Buffer) => readExactJsonObject(body, 'CMD_BAD_REQUEST')
  )
  scope.addHook('preValidation', async request => {
    request.body = parseCommandBody(request.body)
  })
  scope.addHook('onRoute', route => {
    route.errorHandler = (caught: FastifyError) => {
      throw caught.code === 'FST_ERR_CTP_BODY_TOO_LARGE' ? tooLarge() : caught
    }
  })
}

const tooLarge = (): AppError =>
  new AppError('CMD_TOO_LARGE', {
    detail: `at most ${COMMAND_SIZES.payloadBytes} bytes are taken`,
    limitBytes: COMMAND_SIZES.payloadBytes
  })
