import { pick } from '../test-rendering.ts'
import { addToConf, type Breaking, containerOf, mountInto, podOf, specOf } from './breaking.ts'

/** Broken objects of the rules of the broker and its nats.conf. */
export const brokenBroker: readonly Breaking[] = [
  [
    'nats-files',
    'nats.conf includes what nobody mounts',
    all => {
      addToConf(all, ' include "../nats-keys/admin.conf"')
    }
  ],
  [
    'nats-files',
    'nats.conf shows a certificate that nobody mounts',
    all => {
      addToConf(all, ' tls {\n  cert_file: /etc/nats-tls/tls.crt\n}')
    }
  ],
  [
    'nats-files',
    'the reloader, which follows a certificate, does not have it',
    all => {
      addToConf(all, 'tls {\n  cert_file: "/etc/nats-tls/tls.crt"\n}')
      mountInto(containerOf(all, 'nats', 'StatefulSet'), '/etc/nats-tls')
    }
  ],
  ['nats-trust', 'a gateway without the CA of the broker', all => addToConf(all, '\ntls {\n}')],
  [
    'nats-trust',
    'a gateway that names a CA which it does not have',
    all => {
      containerOf(all).env?.push({ name: 'NATS_CA_FILE', value: '/etc/nats-ca/ca.crt' })
    }
  ],
  ['nats-ports', 'nobody is led to the MQTT port', all => addToConf(all, '\nmqtt {\n  port: 1883\n}')],
  [
    'nats-reached',
    'no policy lets devices in',
    all => {
      addToConf(all, '\nmqtt {\n  port: 1883\n}')
      containerOf(all, 'nats', 'StatefulSet').ports?.push({ name: 'mqtt', containerPort: 1883 })
    }
  ],
  [
    'nats-reached',
    'no policy lets the broker dial another site',
    all => addToConf(all, '\nleafnodes { remotes: [ { url: "tls://usdf.example:7422" } ] }')
  ],
  [
    'nats-servers',
    'three servers that do not know of each other',
    all => {
      pick(all, 'ConfigMap', 'nats-conf').data = { 'nats.conf': 'port: 4222' }
    }
  ],
  [
    'nats-volumes',
    'three servers that forget with their pods',
    all => {
      delete specOf(all, 'StatefulSet', 'nats').volumeClaimTemplates
    }
  ],
  [
    'nats-end',
    'a server is killed while its clients go',
    all => {
      podOf(all, 'nats', 'StatefulSet').terminationGracePeriodSeconds = 30
    },
    /^StatefulSet\/nats: terminationGracePeriodSeconds of 30: 45, as nats\.conf says$/
  ],
  [
    'nats-end',
    'the two minutes of nats-server, where nats.conf says nothing',
    all => {
      pick(all, 'ConfigMap', 'nats-conf').data = { 'nats.conf': 'port: 4222' }
    },
    /terminationGracePeriodSeconds of 60: 135/
  ],
  [
    'nats-end',
    'a server that sends nobody away',
    all => {
      containerOf(all, 'nats', 'StatefulSet').lifecycle = { preStop: { exec: { command: ['sleep', '1'] } } }
    },
    /^StatefulSet\/nats: its preStop sends no client away/
  ]
]
