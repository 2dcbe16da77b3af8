import { X509Certificate } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join, sep } from 'node:path'
import { demoFolder, demoIssuer } from './demo-names.ts'
import type { Config } from './load.ts'

/**
 * Why a server with these settings must not face real people: each as one sentence that says how to
 * mend it, and by what name to allow it. None: it may start. Demo mode is not asked.
 */
export function productionProblems(config: Config, now: number): string[] {
  return [
    ...(config.issuers.length === 0 ? ['issuers: there is none, so nobody could come in'] : []),
    ...(config.allow.demoKeys ? [] : demoKeys(config)),
    ...certificateProblems(config, now),
    ...(config.allow.httpOrigins ? [] : httpOrigins(config)),
  ]
}

function demoKeys({ issuers, dataDir }: Config): string[] {
  const folder = join(dataDir, demoFolder)
  const recipientFile = join(folder, 'reader.pub')
  const recipient = existsSync(recipientFile) ? readFileSync(recipientFile, 'utf8').trim() : null
  return issuers.flatMap(({ issuer, jwksFile, recording }, index) => [
    ...(issuer === demoIssuer || jwksFile?.startsWith(folder + sep) === true
      ? [`issuers.${index}: trusts the demo's key. Name your own, or set allow.demoKeys`]
      : []),
    ...(recording.readers.some((reader) => reader.recipient === recipient)
      ? [
          `issuers.${index}.recording.readers: holds the demo's key, which lies on the server. ` +
            'Name your own, or set allow.demoKeys',
        ]
      : []),
  ])
}

function certificateProblems({ tls, allow }: Config, now: number): string[] {
  if (!existsSync(tls.certificateFile)) return ['tls.certificateFile: there is no such file']
  const certificate = certificateIn(tls.certificateFile)
  if (certificate === null) return ['tls.certificateFile: holds no certificate in PEM form']
  return [
    ...(Date.parse(certificate.validTo) <= now ? ['tls.certificateFile: has expired'] : []),
    ...(isSelfSigned(certificate) && !allow.selfSignedCertificate
      ? [
          'tls.certificateFile: is self-signed, so people would learn to click warnings away. ' +
            'Get one from an authority, or set allow.selfSignedCertificate',
        ]
      : []),
  ]
}

function certificateIn(file: string): X509Certificate | null {
  try {
    return new X509Certificate(readFileSync(file))
  } catch {
    return null
  }
}

// Not checkIssued: it also asks whether the key may sign certificates, which a self-made one need
// not say.
const isSelfSigned = (certificate: X509Certificate): boolean =>
  certificate.verify(certificate.publicKey)

const httpOrigins = ({ origins }: Config): string[] =>
  origins.flatMap((origin, index) =>
    origin.startsWith('http:')
      ? [
          `origins.${index}: is http:, so anyone on the way could change that page. ` +
            'Use https:, or set allow.httpOrigins',
        ]
      : [],
  )
