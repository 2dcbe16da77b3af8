import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import {
  canonical,
  ensureCertificate,
  machineNames,
  renewalReason,
  subjectNames,
} from '../../../scripts/setup/certificate.mjs'

const dayMs = 86_400_000
const now = Date.UTC(2026, 0, 1)
const fresh = { validTo: now + 100 * dayMs, names: ['localhost', '10.0.0.3'] }

test('a certificate that names the machine and is valid for long stays', () => {
  expect(renewalReason(fresh, ['localhost', '10.0.0.3'], now)).toBeUndefined()
})

test('a name that is no longer needed is no reason for a new one', () => {
  expect(renewalReason(fresh, ['localhost'], now)).toBeUndefined()
})

test('no certificate, one that lacks an address, and one in its last 14 days are replaced', () => {
  expect(renewalReason(undefined, ['localhost'], now)).toBe('there was none')
  expect(renewalReason(fresh, ['localhost', '10.0.0.4'], now)).toBe(
    'the old one does not name 10.0.0.4',
  )
  const atLimit = { ...fresh, validTo: now + 14 * dayMs }
  expect(renewalReason(atLimit, ['localhost'], now)).toBeUndefined()
  expect(renewalReason(atLimit, ['localhost'], now + 1)).toBe('the old one expires')
})

const address = (text: string, internal = false) => ({
  address: text,
  internal,
  family: 'IPv4' as const,
  netmask: '',
  mac: '',
  cidr: null,
})

test("the names are the machine's: loopback, its host name, and what others reach it by", () => {
  expect(
    machineNames('Studio', {
      lo: [address('127.0.0.1', true), address('10.9.9.9', true)],
      eth0: [address('10.0.0.3'), address('fe80::1'), address('2001:DB8:0:0:0:0:0:1')],
    }),
  ).toEqual(['localhost', '127.0.0.1', '::1', 'studio', '10.0.0.3', '2001:db8::1'])
})

test('a host name that no certificate can carry is left out', () => {
  for (const host of ['', 'a,IP:1.2.3.4', 'under_score', '10.0.0.3', '-x']) {
    expect(machineNames(host, {})).toEqual(['localhost', '127.0.0.1', '::1'])
  }
})

test('an IPv6 address is the same in every spelling', () => {
  expect(canonical('2001:DB8:0:0:0:0:0:1')).toBe(canonical('2001:db8::1'))
  expect(subjectNames('DNS:localhost, IP Address:0:0:0:0:0:0:0:1')).toEqual(['localhost', '::1'])
})

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

function freshFiles() {
  const folder = mkdtempSync(join(tmpdir(), 'assent-certificate-'))
  folders.push(folder)
  return { certificateFile: join(folder, 'a.pem'), keyFile: join(folder, 'a.key') }
}

test('a made certificate is P-256, names this machine, and its key is for its owner only', async () => {
  const files = freshFiles()
  expect(await ensureCertificate(() => {}, files)).toBe('made, because there was none')

  const certificate = new X509Certificate(readFileSync(files.certificateFile))
  expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' })
  expect(certificate.ca).toBe(false)
  expect(certificate.checkHost('localhost')).toBe('localhost')
  expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1')
  expect(Date.parse(certificate.validTo) - Date.parse(certificate.validFrom)).toBe(397 * dayMs)
  expect(statSync(files.keyFile).mode & 0o777).toBe(0o600)
})

test('the next start keeps it; a key that is not its own brings a new one', async () => {
  const files = freshFiles()
  await ensureCertificate(() => {}, files)
  const first = readFileSync(files.certificateFile, 'utf8')
  expect(await ensureCertificate(() => {}, files)).toBe('as made before')
  expect(readFileSync(files.certificateFile, 'utf8')).toBe(first)

  const others = freshFiles()
  await ensureCertificate(() => {}, others)
  writeFileSync(files.keyFile, readFileSync(others.keyFile))
  expect(await ensureCertificate(() => {}, files)).toBe('made, because there was none')
  expect(readFileSync(files.certificateFile, 'utf8')).not.toBe(first)
})
