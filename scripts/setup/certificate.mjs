import { createPrivateKey, X509Certificate } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { isIP } from 'node:net'
import { hostname, networkInterfaces } from 'node:os'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { ensurePackages, packagesFor } from './debian.mjs'
import { inRoot, logFile } from './places.mjs'
import { run } from './run.mjs'
import { SetupError } from './say.mjs'

/** Browsers refuse a certificate that is valid for longer than 398 days. */
const validDays = 397
const renewBeforeDays = 14
const dayMs = 86_400_000

/** Where demo mode looks for them. */
const developmentCertificate = {
  certificateFile: inRoot('certs', 'development.pem'),
  keyFile: inRoot('certs', 'development.key'),
}

/**
 * Makes a self-signed certificate for this machine's names and addresses, unless there is one that
 * will do.
 *
 * @param {(progress: string) => void} report
 * @returns {Promise<string>} what was done
 */
export async function ensureCertificate(report, files = developmentCertificate) {
  const names = machineNames(hostname(), networkInterfaces())
  const reason = renewalReason(readCertificate(files), names, Date.now())
  if (reason === undefined) return 'as made before'

  if (!existsSync('/usr/bin/openssl')) await ensurePackages(packagesFor.certificate, report)
  await make(files, names)
  return `made, because ${reason}`
}

/**
 * @param {{ validTo: number, names: readonly string[] } | undefined} certificate the one at hand
 * @param {readonly string[]} wanted
 * @param {number} now
 * @returns {string | undefined} why a new certificate is needed
 */
export function renewalReason(certificate, wanted, now) {
  if (!certificate) return 'there was none'
  if (certificate.validTo - now < renewBeforeDays * dayMs) return 'the old one expires'
  const missing = wanted.find((name) => !certificate.names.includes(name))
  return missing === undefined ? undefined : `the old one does not name ${missing}`
}

/**
 * @param {string} host
 * @param {NodeJS.Dict<import('node:os').NetworkInterfaceInfo[]>} interfaces
 */
export function machineNames(host, interfaces) {
  const addresses = Object.values(interfaces)
    .flatMap((each) => each ?? [])
    // A link-local IPv6 address works only with a zone, which a URL cannot carry.
    .filter(({ internal, address }) => !internal && !address.startsWith('fe80:'))
    .map(({ address }) => canonical(address))
  const isHostName = /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/i.test(host) && isIP(host) === 0
  const hostNames = isHostName ? [host.toLowerCase()] : []
  return [...new Set(['localhost', '127.0.0.1', canonical('::1'), ...hostNames, ...addresses])]
}

/**
 * OpenSSL prints an IPv6 address in its own spelling: both sides are compared in one.
 *
 * @param {string} address
 */
export function canonical(address) {
  return isIP(address) === 6 ? new URL(`http://[${address}]`).hostname.slice(1, -1) : address
}

/** @param {{ certificateFile: string, keyFile: string }} files */
function readCertificate({ certificateFile, keyFile }) {
  try {
    const certificate = new X509Certificate(readFileSync(certificateFile))
    if (!certificate.checkPrivateKey(createPrivateKey(readFileSync(keyFile)))) return undefined
    return {
      validTo: Date.parse(certificate.validTo),
      names: subjectNames(certificate.subjectAltName ?? ''),
    }
  } catch {
    // Missing, unreadable or half: a new one takes its place in any case.
    return undefined
  }
}

/** @param {string} text such as `DNS:localhost, IP Address:127.0.0.1` */
export function subjectNames(text) {
  return text
    .split(', ')
    .map((entry) => canonical(entry.replace(/^(DNS|IP Address):/, '').toLowerCase()))
}

/**
 * @param {{ certificateFile: string, keyFile: string }} files
 * @param {readonly string[]} names
 */
async function make({ certificateFile, keyFile }, names) {
  mkdirSync(dirname(keyFile), { recursive: true })
  // Names that .gitignore knows: an interruption must not leave a key that git would take.
  const key = join(dirname(keyFile), `making-${process.pid}.key`)
  const certificate = join(dirname(keyFile), `making-${process.pid}.pem`)
  try {
    const subjects = names.map((name) => `${isIP(name) ? 'IP' : 'DNS'}:${name}`).join(',')
    const { code } = await run(
      'openssl',
      [
        'req',
        '-x509',
        '-newkey',
        'ec',
        '-pkeyopt',
        'ec_paramgen_curve:P-256',
        '-noenc',
        '-sha256',
        '-days',
        String(validDays),
        '-subj',
        '/CN=Assent development',
        '-addext',
        `subjectAltName=${subjects}`,
        '-addext',
        'basicConstraints=critical,CA:FALSE',
        '-addext',
        'keyUsage=critical,digitalSignature',
        '-addext',
        'extendedKeyUsage=serverAuth',
        '-keyout',
        key,
        '-out',
        certificate,
      ],
      { logFile: logFile('openssl') },
    )
    if (code !== 0) {
      throw new SetupError('openssl made no certificate', `its output is in ${logFile('openssl')}`)
    }
    // openssl makes the key readable to its owner alone; this holds it to that.
    chmodSync(key, 0o600)
    renameSync(key, keyFile)
    renameSync(certificate, certificateFile)
  } finally {
    rmSync(key, { force: true })
    rmSync(certificate, { force: true })
  }
}
