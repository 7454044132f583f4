import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import forge from 'node-forge'
import { caFileOf } from './key-files.ts'
import { writePrivateFile } from './private-files.ts'

/** Files of the local CA and of the certificate that the broker shows. */
interface CertificateFiles {
  readonly caFile: string
  readonly certFile: string
  readonly keyFile: string
}

const DAY_MS = 86_400_000
const CA_DAYS = 3650
const BROKER_DAYS = 397
/** A clock that was set back a little must not make a new certificate invalid. */
const BEFORE_MS = 3_600_000
const NAMES = ['localhost', '127.0.0.1', '::1']
const DNS = 2
const IP = 7

/**
 * The certificate of the broker on this machine, new at each start, signed by a CA that is made with the first
 * start and kept in the folder. The CA is for this folder's processes: nobody else is asked to trust it.
 */
export function ensureCertificates(folder: string): CertificateFiles {
  const files = {
    caFile: caFileOf(folder),
    certFile: join(folder, 'broker.crt'),
    keyFile: join(folder, 'broker.key')
  }
  const caKeyFile = join(folder, 'ca.key')
  if (!existsSync(files.caFile) || !existsSync(caKeyFile)) {
    const { key, certificate } = createAuthority()
    writePrivateFile(caKeyFile, key)
    writePrivateFile(files.caFile, certificate)
  }
  const { key, certificate } = createBrokerCertificate(
    readFileSync(files.caFile, 'utf8'),
    readFileSync(caKeyFile, 'utf8')
  )
  writePrivateFile(files.keyFile, key)
  writePrivateFile(files.certFile, certificate)
  return files
}

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

function createBrokerCertificate(caText: string, caKey: string): Signed {
  const authority = forge.pki.certificateFromPem(caText)
  const altNames = NAMES.map(name =>
    /[.:]/.test(name) ? { type: IP, ip: name } : { type: DNS, value: name }
  )
  const extensions = [
    { name: 'basicConstraints', cA: false, critical: true },
    { name: 'keyUsage', digitalSignature: true, keyEncipherment: true, critical: true },
    { name: 'extKeyUsage', serverAuth: true },
    { name: 'subjectAltName', altNames },
    { name: 'authorityKeyIdentifier', keyIdentifier: authority.generateSubjectKeyIdentifier().getBytes() }
  ]
  const subject = [{ name: 'commonName', value: 'nats-server' }]
  const { key, certificate } = createUnsigned({ subject, days: BROKER_DAYS, extensions })
  certificate.setIssuer(authority.subject.attributes)
  return sign(certificate, forge.pki.privateKeyFromPem(caKey), key)
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
