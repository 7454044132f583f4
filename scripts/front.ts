/** The process of `npm start` that makes one address of api, console and gateways. */
import { readFileSync } from 'node:fs'
import { commonSettings, createHostCheck, createLog, readConfig, runProcess } from '@meridian/service'
import { Type } from 'typebox'
import { createFront } from './front/front.ts'
import { parseRoutes } from './front/routes.ts'

const config = readConfig({
  service: 'front',
  summary: 'one address for api, console and gateways, as an Ingress gives in production',
  settings: Type.Object({
    ...commonSettings,
    FRONT_CERT_FILE: Type.String({
      default: '',
      description:
        'certificate that it shows, PEM; with FRONT_KEY_FILE it serves HTTPS alone. Default: plain HTTP'
    }),
    FRONT_KEY_FILE: Type.String({ default: '', description: 'private key of that certificate, PEM' }),
    FRONT_ROUTES: Type.String({
      description: 'prefix=address[,address…] separated by spaces: /live=http://a:1,http://b:2 /=http://c:3'
    })
  })
})
const log = createLog({ name: 'front', level: config.LOG_LEVEL, pretty: config.LOG_PRETTY })
const { HOST: host, PORT: port, HOSTS: names, FRONT_CERT_FILE: certFile, FRONT_KEY_FILE: keyFile } = config
const front = createFront({
  host,
  port,
  routes: parseRoutes(config.FRONT_ROUTES),
  isOurs: createHostCheck({ names, listenOn: host }),
  tls:
    certFile === '' ? undefined : { cert: readFileSync(certFile, 'utf8'), key: readFileSync(keyFile, 'utf8') }
})
await runProcess(front, { log, graceMs: config.DRAIN_MS })
