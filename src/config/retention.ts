import { z } from 'zod'

const days = z.int().min(1).max(36_500)

/** The longest life of each kind of data, in days. What has reached it is removed by the server, at most a day later. */
export const LongestLives = z.strictObject({
  /** A recording, from its end; what its notice said may be shorter. */
  recordingDays: days.default(365),
  /** What the log can say of a call, from the end of its last recording; three years is when most claims lapse. */
  evidenceDays: days.default(1095),
  /** What somebody demanded under their rights, from the day it was met. */
  rightsRequestDays: days.default(1095),
  /** A backup, from the day it was made: until then it holds what was erased meanwhile. */
  backupDays: days.default(30),
})
type Lives = z.infer<typeof LongestLives>

const shorter = days.nullable().default(null)
/** One issuer's own, each at most the server's; null: the server's. */
export const ShorterLives = z.strictObject({
  recordingDays: shorter,
  evidenceDays: shorter,
  rightsRequestDays: shorter,
  /** Backups hold everybody's data, so the shortest of all issuers' holds for all. */
  backupDays: shorter,
} satisfies Record<keyof Lives, z.ZodType>)

type Ruled = {
  readonly retention: Lives
  readonly issuers: readonly {
    readonly retention: z.infer<typeof ShorterLives>
    readonly recording: { readonly retentionDays: readonly number[]; readonly evidenceDays: number }
  }[]
}

/** What holds for the server as a whole, by what the log calls each kind. */
export function longestLives({ retention, issuers }: Ruled) {
  const { recordingDays, evidenceDays, rightsRequestDays, backupDays } = retention
  return {
    recording: recordingDays,
    evidence: evidenceDays,
    'rights-request': rightsRequestDays,
    backup: Math.min(backupDays, ...issuers.map((one) => one.retention.backupDays ?? backupDays)),
  } as const
}

/** Every place where an issuer would keep something longer than it may, with the rule that says so. */
export function retentionProblems({ retention, issuers }: Ruled): string[] {
  return issuers.flatMap((issuer, i) => {
    const own = `issuers.${i}.retention`
    const longer = (Object.keys(retention) as (keyof Lives)[])
      .filter((kind) => (issuer.retention[kind] ?? 0) > retention[kind])
      .map((kind) => `${own}.${kind}: ${tooLong(`retention.${kind}`, retention[kind])}`)
    const check = (kind: keyof Lives, where: string, chosen: number): string[] => {
      const most = Math.min(retention[kind], issuer.retention[kind] ?? Infinity)
      const rule = issuer.retention[kind] === most ? `${own}.${kind}` : `retention.${kind}`
      return chosen > most ? [`issuers.${i}.recording.${where}: ${tooLong(rule, most)}`] : []
    }
    return [
      ...longer,
      ...issuer.recording.retentionDays.flatMap((chosen, j) =>
        check('recordingDays', `retentionDays.${j}`, chosen),
      ),
      ...check('evidenceDays', 'evidenceDays', issuer.recording.evidenceDays),
    ]
  })
}

const tooLong = (rule: string, most: number): string =>
  `longer than ${rule} allows; at most ${most} days`
