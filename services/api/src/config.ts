import { accessSettings } from '@meridian/auth'
import { oidcSettings } from '@meridian/auth/oidc'
import { observatorySettings } from '@meridian/catalogue'
import { beatSettings, commonSettings, originSettings } from '@meridian/service'
import { type Static, Type } from 'typebox'

/** Environment variables of the api, with defaults and bounds. */
const settings = Type.Object({
  ...commonSettings,
  ...beatSettings,
  ...observatorySettings,
  ...accessSettings,
  ...oidcSettings,
  ...originSettings,
  CONSOLE_DIR: Type.String({
    default: '',
    description: "folder of the console's built files; default: none are served"
  }),
  MAX_REQUESTS_PER_PRINCIPAL: Type.Integer({
    default: 100,
    minimum: 0,
    description:
      'requests to the api per second of one user, and of each of his personal tokens; ten seconds may come at once; 0: no limit'
  }),
  MAX_REQUESTS_PER_ADDRESS: Type.Integer({
    default: 300,
    minimum: 0,
    description:
      'the same of one address, whoever asks (of IPv6: one network of 64 bits; loopback is not counted); 0: no limit'
  }),
  COMMAND_MS: Type.Integer({
    default: 8_000,
    minimum: 100,
    description: "ms to wait for a commander's answer"
  }),
  HISTORY_MESSAGES: Type.Integer({
    default: 100_000,
    minimum: 1,
    description: 'stored messages that one history may read; an hour at 20 a second is 72,000'
  }),
  HISTORY_MS: Type.Integer({
    default: 4_000,
    minimum: 100,
    description: 'ms that one history, list or record may take to read'
  }),
  HISTORY_AT_A_TIME: Type.Integer({ default: 4, minimum: 1, description: 'histories read at a time' })
})

/** The settings of the api after validation, defaults filled in. */
export type ApiConfig = Static<typeof settings>

/** Name, summary and settings, for `runService` and `--help`. */
export const spec = {
  service: 'api',
  summary: 'the HTTP door: commands, catalogue, history, and the files of the console',
  settings
}
