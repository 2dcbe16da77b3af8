import { readFileSync } from 'node:fs'
import { turnCredentials, type IssuerOptions } from '#auth'
import type { IceServer, Notice } from '#protocol'
import type { Issuer } from './issuer-schema.ts'
import type { Config } from './load.ts'
import type { PolicyText, PolicyTexts } from './policies.ts'

type PolicyReference = Notice['policyText']

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
export function tenantOf(issuer: Issuer, config: Config, texts: PolicyTexts) {
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
      policyText: recording.policyText ?? shippedPolicy(config, texts.current(recording.lang)),
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
    rightsRequestDays:
      issuer.retention.rightsRequestDays ?? config.retention.rightsRequestDays,
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

const shippedPolicy = (
  { publicUrl }: Config,
  { version, date, lang, sha256 }: PolicyText,
): PolicyReference => ({
  version,
  date,
  lang,
  url: new URL(`/policy/${lang}`, publicUrl).href,
  sha256,
})
