import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import forge from 'node-forge'
import { caFileOf, frontFilesOf } from './key-files.ts'
import { writePrivateFile } from './private-files.ts'

/** Files of a certificate and of its key. */
interface CertificateFiles {
  readonly certFile: string
  readonly keyFile: string
}

const DAY_MS = 86_400_000
const CA_DAYS = 3650
/** Browsers take none that is valid for longer. */
const SERVER_DAYS = 397
/** A clock that was set back a little must not make a new certificate invalid. */
const BEFORE_MS = 3_600_000
const NAMES = ['localhost', '127.0.0.1', '::1']
const DNS = 2
const IP = 7

/**
 * The certificates of the broker and of the front on this machine, new at each start, signed by a CA that is made with the first
 * start and kept in the folder. `hosts` are names of the front besides those of this machine. Gives the files of the
 * broker's.
 */
export function ensureCertificates(folder: string, hosts: readonly string[]): CertificateFiles {
  const caFile = caFileOf(folder)
  const caKeyFile = join(folder, 'ca.key')
  if (!existsSync(caFile) || !existsSync(caKeyFile)) {
    const { key, certificate } = createAuthority()
    writePrivateFile(caKeyFile, key)
    writePrivateFile(caFile, certificate)
  }
  const ca = { certificate: readFileSync(caFile, 'utf8'), key: readFileSync(caKeyFile, 'utf8') }
  const broker = { certFile: join(folder, 'broker.crt'), keyFile: join(folder, 'broker.key') }
  write(broker, createServerCertificate(ca, 'nats-server', NAMES))
  const names = [...new Set([...NAMES, hostname(), ...hosts.map(nameOf)])]
  write(frontFilesOf(folder), createServerCertificate(ca, 'Meridian', names))
  return broker
}

function write({ certFile, keyFile }: CertificateFiles, { key, certificate }: Signed): void {
  writePrivateFile(keyFile, key)
  writePrivateFile(certFile, certificate)
}

/** A name of a host without its port and brackets. */
const nameOf = (host: string): string =>
  isIP(host) === 0 ? new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '') : host

interface Signed {
  readonly key: string
  readonly certificate: string
}

function createAuthority(): Signed {
  const subject = [{ name: 'commonName', value: `Meridian on ${hostname()}`.slice(0, 64) }]
  const extensions = [
    { name: 'basicConstraints', cA: true, pathLenConstraint: 0, critical: true },
    { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    { name: 'subjectKeyIdentifier' }
  ]
  const { key, certificate, privateKey } = createUnsigned({ subject, days: CA_DAYS, extensions })
  certificate.setIssuer(subject)
  return sign(certificate, privateKey, key)
}

function createServerCertificate(ca: Signed, commonName: string, names: readonly string[]): Signed {
  const authority = forge.pki.certificateFromPem(ca.certificate)
  const altNames = names.map(name => (isIP(name) === 0 ? { type: DNS, value: name } : { type: IP, ip: name }))
  const extensions = [
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames },
    { name: 'authorityKeyIdentifier', keyIdentifier: authority.generateSubjectKeyIdentifier().getBytes() }
  ]
  const subject = [{ name: 'commonName', value: commonName }]
  const { key, certificate } = createUnsigned({ subject, days: SERVER_DAYS, extensions })
  certificate.setIssuer(authority.subject.attributes)
  return sign(certificate, forge.pki.privateKeyFromPem(ca.key), key)
}

interface CertificateRequest {
  readonly subject: forge.pki.CertificateField[]
  readonly days: number
  readonly extensions: object[]
}

/** A new key pair, and a certificate of it that lacks an issuer. */
function createUnsigned({ subject, days, extensions }: CertificateRequest) {
  const { publicKey, privateKey: key } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' }
  })
  const certificate = forge.pki.createCertificate()
  certificate.publicKey = forge.pki.publicKeyFromPem(publicKey)
  // Positive: the first bit is clear.
  certificate.serialNumber = `01${randomBytes(15).toString('hex')}`
  certificate.validity.notBefore = new Date(Date.now() - BEFORE_MS)
  certificate.validity.notAfter = new Date(Date.now() + days * DAY_MS)
  certificate.setSubject(subject)
  certificate.setExtensions(extensions)
  return { key, certificate, privateKey: forge.pki.privateKeyFromPem(key) }
}

function sign(certificate: forge.pki.Certificate, issuer: forge.pki.rsa.PrivateKey, key: string): Signed {
  certificate.sign(issuer, forge.md.sha256.create())
  return { key, certificate: forge.pki.certificateToPem(certificate) }
}
