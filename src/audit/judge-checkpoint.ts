import { parseCheckpoint, type Checkpoint } from './checkpoint.ts'
import { collectCosignatures } from './cosignature.ts'
import { Flaw } from './flaw.ts'
import { openNote } from './note.ts'
import type { TrustPolicy } from './trust-policy.ts'
import type { Verifier } from './verifier-key.ts'

export type JudgedCheckpoint = {
  readonly checkpoint: Checkpoint
  /** The log that signed it. */
  readonly log: Verifier
  /** By the policy's names, in the note's order; one witness may have cosigned several times. */
  readonly cosignatures: readonly { readonly witness: string; readonly timeS: number }[]
  readonly hasQuorum: boolean
}

/**
 * What a trust policy says of a signed checkpoint. `logs` stands for the policy's own, where the log is known from
 * elsewhere. Throws Flaw for a note that none of them signed, or that a bad signature of a known key spoils.
 */
export async function judgeCheckpoint(
  policy: TrustPolicy,
  note: string,
  logs: readonly Verifier[] = policy.logs.map(({ key }) => key),
): Promise<JudgedCheckpoint> {
  const { text, signedBy } = await openNote(note, logs)
  const checkpoint = parseCheckpoint(text)
  const log = signedBy.find(({ name }) => name === checkpoint.origin)
  if (log === undefined) throw new Flaw('checkpoint-origin', 'checkpoint: of another origin')
  const keys = policy.witnesses.map(({ key }) => key)
  const cosignatures = (await collectCosignatures(note, keys)).map(({ witness, timeS }) => ({
    witness: policy.witnesses.find(({ key }) => key === witness)!.name,
    timeS,
  }))
  const hasQuorum = holds(policy, new Set(cosignatures.map(({ witness }) => witness)))
  return { checkpoint, log, cosignatures, hasQuorum }
}

/** Groups stand behind their members, so one pass decides them all. */
function holds({ groups, quorum }: TrustPolicy, cosigned: ReadonlySet<string>): boolean {
  const holding = new Set(cosigned)
  for (const { name, threshold, members } of groups)
    if (members.filter((member) => holding.has(member)).length >= threshold) holding.add(name)
  return quorum === undefined || holding.has(quorum)
}
