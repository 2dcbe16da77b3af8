import { Encrypter } from 'age-encryption'
import { z } from 'zod'
import { Notice, Party, Policy, ReaderId } from '#protocol'
import { ShorterLives } from './retention.ts'

const text = z.string().min(1).max(500)
const country = z.string().regex(/^[A-Z]{2}$/, 'a country is two capital letters, such as DE')
export const httpsUrl = z
  .string()
  .max(500)
  .refine(
    (text) => URL.canParse(text) && new URL(text).protocol === 'https:',
    'an https: URL is expected',
  )
const days = z.int().min(1).max(36_500)

/** Whom recordings are sealed to. */
const Reader = z.strictObject({
  readerId: ReaderId,
  name: text,
  role: text,
  country,
  /** An age public key: `age1…`. */
  recipient: z.string().max(5000).refine(isRecipient, 'an age public key is expected: age1…'),
})

/** What holds for every recording under this controller, and stands in its notices. */
const Recording = z.strictObject({
  readers: z.array(Reader).max(16).refine(haveOwnNames, 'two readers of one readerId').default([]),
  /** `everyone`: nothing is recorded unless all agree. `each`: only those who agree are. */
  policies: z.array(Policy).min(1).default(['everyone']),
  retentionDays: z.array(days).min(1).default([30]),
  /** How long the proof of a decision is kept after the recording. */
  evidenceDays: days.default(1095),
  answerMs: z.array(z.int().min(1000).max(600_000)).min(1).default([60_000]),
  /** Whether another host may carry a recording on when its own leaves. */
  hostMayChange: z.boolean().default(false),
  lawfulBasis: z.string().min(1).max(100).default('Consent, GDPR art. 6(1)(a)'),
  storage: Notice.shape.storage,
  processingLocations: z.array(country).min(1).max(8),
  transfers: Notice.shape.transfers.default([]),
  jurisdiction: Notice.shape.jurisdiction,
  /** Where and with whom to withdraw after the call. */
  withdrawal: z.strictObject({ url: text, contact: text }),
  rights: Notice.shape.rights,
  authority: Notice.shape.authority,
  /** The controller's own privacy notice; null: the one in `policyDir`, in `lang`. */
  policyText: Notice.shape.policyText.nullable().default(null),
  lang: z
    .string()
    .regex(/^[a-z]{2}$/)
    .default('en'),
})

/** One controller: the issuer of its tokens and its own settings. */
export const Issuer = z
  .strictObject({
    /** The exact `iss` of its tokens. */
    issuer: text,
    audience: text.default('assent'),
    /** Its public keys: a JWK set in a file or at an https: URL; one of the two. */
    jwksFile: z.string().min(1).max(4096).optional(),
    jwksUrl: httpsUrl.optional(),
    maxTokenLifeMs: z
      .int()
      .min(60_000)
      .max(7 * 86_400_000)
      .default(12 * 3_600_000),
    maxPeople: z.int().min(1).max(1000).default(50),
    /** Minors may be in calls and are never recorded; true keeps them out altogether. */
    refuseMinors: z.boolean().default(false),
    /** What asking to record demands of the sign-in; null: nothing more than the token. */
    stepUp: z
      .strictObject({
        acr: z.array(text).max(16).default([]),
        amr: z.array(text).max(16).default([]),
        maxAgeMs: z.int().min(1000),
      })
      .nullable()
      .default(null),
    /** Shorter lives for what this controller keeps than the server's `retention` allows. */
    retention: ShorterLives.prefault({}),
    controllers: z.array(Party).min(1).max(8),
    processors: z.array(Party).max(8).default([]),
    recording: Recording,
  })
  .refine(
    ({ jwksFile, jwksUrl }) => (jwksFile === undefined) !== (jwksUrl === undefined),
    'jwksFile or jwksUrl: one of the two',
  )
export type Issuer = z.infer<typeof Issuer>

function haveOwnNames(readers: readonly { readonly readerId: string }[]): boolean {
  return new Set(readers.map(({ readerId }) => readerId)).size === readers.length
}

/** The check sum too: a mistyped key would show only when the first recording starts. */
function isRecipient(recipient: string): boolean {
  try {
    new Encrypter().addRecipient(recipient)
    return true
  } catch {
    return false
  }
}
