import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { turnCredentials, type IssuerOptions } from '#auth'
import { CallError, type IceServer } from '#protocol'
import type { Issuer } from './issuer-schema.ts'
import type { Config } from './load.ts'

/** What the rooms of one controller go by. */
export type TenantSettings = ReturnType<typeof tenantOf>

/** What `createAuthenticator` takes. */
export const authIssuers = ({ issuers }: Config): IssuerOptions[] =>
  issuers.map(({ issuer, audience, jwksFile, jwksUrl, maxTokenLifeMs }) => ({
    issuer,
    audience,
    maxTokenLifeMs,
    // The schema has seen to it that there is one of the two.
    keys: jwksUrl === undefined ? { file: jwksFile ?? '' } : { url: jwksUrl },
  }))

/**
 * The rules of one controller. Throws CONFIG_INVALID when the privacy notice it refers to is
 * missing.
 */
export function tenantOf(issuer: Issuer, config: Config) {
  const { recording, controllers, processors, maxPeople, refuseMinors, stepUp } = issuer
  const {
    readers,
    policies,
    retentionDays,
    evidenceDays,
    answerMs,
    hostMayChange,
    lawfulBasis,
    storage,
  } = recording
  const { processingLocations, transfers, jurisdiction, rights, authority, withdrawal } = recording
  return {
    notice: {
      controllers,
      processors,
      hostMayChange,
      lawfulBasis,
      storage,
      processingLocations,
      transfers,
      jurisdiction,
      rights,
      authority,
      readers,
      policies,
      retentionDays,
      evidenceDays,
      withdrawal: {
        ...withdrawal,
        inCall: 'one click' as const,
        afterwards: 'keep-until-destroyed-or-expired' as const,
      },
      policyText: recording.policyText ?? shippedPolicy(config, recording.lang),
    },
    controllers,
    readers,
    options: {
      policies,
      retentionDays,
      answerMs,
      readers: readers.map(({ readerId, name }) => ({ readerId, name })),
    },
    maxPeople,
    refuseMinors,
    stepUp,
    demo: config.demo,
  }
}

/** What a browser is told of relays, with fresh credentials. */
export function iceServers({ media }: Config, now: number): IceServer[] {
  if (media.turn === null) return media.iceServers
  const { urls, secretFile, lifeMs } = media.turn
  return [
    ...media.iceServers,
    turnCredentials({ urls, secret: readFileSync(secretFile, 'utf8').trim(), lifeMs }, now),
  ]
}

/**
 * Version and date stand in the notice itself, in lines of their own, so that the two cannot part.
 */
function shippedPolicy({ policyDir, publicUrl }: Config, lang: string) {
  const file = join(policyDir, `${lang}.txt`)
  const text = readText(file)
  const version = /^Version: (\S{1,32})$/m.exec(text)?.[1]
  const date = /^Date: (\d{4}-\d{2}-\d{2})$/m.exec(text)?.[1]
  if (version === undefined || date === undefined) {
    throw new CallError(
      'CONFIG_INVALID',
      `${file}: lines \`Version: …\` and \`Date: YYYY-MM-DD\` are expected`,
    )
  }
  return { version, date, lang, url: new URL(`/policy/${lang}`, publicUrl).href }
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new CallError('CONFIG_INVALID', `${file}: cannot be read`, { cause })
  }
}
