import { recordHeader, type RecordOf } from '#audit'
import { decodeCore, utf8 } from '#audit/verify'
import { newId, type Notice } from '#protocol'
import { decodeProof } from '../../src/audit/proof.ts'
import type { Arriving } from '../../src/audit/seal.ts'
import { at, forged } from './attack-scene.ts'
import { CallLog } from './call-log.ts'
import type { Deed } from './deeds.ts'
import { eraseAsOperator, rewrite } from './forger.ts'

/** Deeds of whoever lets people sign one thing and logs another, or rests a gate on what nobody can read. */
export const untrue: readonly Deed[] = [
  {
    deed: 'records under a looser rule than people were shown and signed, and on after a withdrawal',
    act: async ({ dir }) => {
      await using calls = await CallLog.open(dir)
      await calls.call([dora, emil], {
        withdraws: true,
        logs: (request) => ({ ...request, policy: 'each' }),
        goesOnMs: 60_000,
      })
    },
    found: [
      'notice-differs@28',
      'notice-differs@29',
      'request-differs@30',
      'request-differs@31',
      'request-differs@34',
    ],
    says: 'entry 30: was signed under other terms than entry 28 says that this person was asked',
  },
  {
    deed: 'writes that a yes holds longer than was signed',
    act: async ({ scene, dir }) => {
      const yesAt = at.size + 2
      const [yes, ...later] = (await shortCall(dir, scene.early.recorded.from + 10_000)).slice(yesAt)
      const before = decodeCore(utf8(yes!.core)) as RecordOf<'decision'>
      const validity = { from: before.event.time, until: 'end-of-session' }
      const core = { ...before, event: { ...before.event, validity } } as RecordOf<'decision'>
      rewrite(dir, yesAt, [forged(yes!, core, decodeProof(utf8(yes!.proof))), ...later])
    },
    found: ['record-validity@29'],
    says: 'entry 29: is not what this person signed: the record holds for another time',
  },
  {
    deed: 'rests a recording of somebody on an entry that came later and was erased at once',
    act: (on) => {
      const { scene, dir } = on
      const later = at.size + 1
      const { session, requestId, notice, parties, recorded } = scene.early
      const like = scene.calls.arrivals[0]!
      const gate: RecordOf<'gate-open'> = {
        ...recordHeader('gate-open', session),
        event: { state: 'opened', time: recorded.to + 60_000 },
        requestId,
        policy: notice.policy,
        decisions: [...at.early.yeses, later].map((index) => [scene.calls.log.origin, index]),
        present: [...parties.map(({ ref }) => ref), newId.person()],
      }
      rewrite(dir, at.size, [forged(like, gate, ''), ...on.opened(1)])
      eraseAsOperator(dir, later)
    },
    found: [`gate-decision-unknown@${at.size}`, `gate-party-undecided@${at.size}`],
    says: `entry ${at.size}: rests on entry ${at.size + 1}, which is no earlier decision on this`,
  },
]

/** A call whose notice says that a yes holds until then. No server writes such a notice yet; the log may hold one. */
async function shortCall(dir: string, until: number): Promise<readonly Arriving[]> {
  await using calls = await CallLog.open(dir)
  const validity = { from: 0, until } as unknown as Notice['validity']
  await calls.call([dora], { notice: { validity } })
  return calls.arrivals
}

const dora = { name: 'Dora', account: 'dora' }
const emil = { name: 'Emil', account: 'emil' }
