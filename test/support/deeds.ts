import { cpSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { recordHeader, type RecordOf } from '#audit'
import { utf8 } from '#audit/verify'
import { newId } from '#protocol'
import { signCheckpoint } from '../../src/audit/checkpoint.ts'
import { encodeCore } from '../../src/audit/entry.ts'
import { logParty } from '../unit/audit/parties.ts'
import { at, finishedOf, forged, inventions, writeRecording } from './attack-scene.ts'
import type { Attack } from './attack.ts'
import { eraseAsOperator, eraseByHand, rewrite, signerOf, swapNotice, tamper } from './forger.ts'
import { reseal } from './reseal.ts'
import { untrue } from './untrue-deeds.ts'

export type Deed = {
  readonly deed: string
  /** Does it, and returns what whoever checks has kept elsewhere. */
  readonly act: (on: Attack) => Promise<readonly string[] | void> | readonly string[] | void
  /** Code and place of all that is found. */
  readonly found: readonly string[]
  readonly says: string
}

const { withdrawal } = at.late

const edits: readonly Deed[] = [
  {
    deed: 'edits a row of the log',
    act: ({ dir }) => {
      const leaf = utf8(`consent-audit/v1 record\n${'A'.repeat(43)}=\n`)
      tamper(dir, 'log.db', (log) => {
        log.prepare('UPDATE entry SET leaf = ? WHERE idx = 12').run(leaf)
      })
    },
    found: [
      'leaf-changed@12',
      'node-changed@12',
      'head-differs',
      'checkpoint-root@12',
      'opening-changed@12',
    ],
    says: 'entry 12: the leaf is not the one whose hash was stored',
  },
  {
    deed: 'edits a name in the vault',
    act: ({ dir }) =>
      reseal(dir, 13, 'subject', ({ salt }) => ({ salt, bytes: utf8('{"name":"Nobody"}') })),
    found: ['opening-changed@13'],
    says: 'entry 13: its subject part was changed after it was written',
  },
  {
    deed: 'edits the time of a withdrawal in the vault',
    act: (on) => {
      const core = on.recordAt('decision', withdrawal)
      const event = { ...core.event, time: core.event.time + 1 }
      const bytes = utf8(encodeCore({ ...core, event } as RecordOf<'decision'>))
      reseal(on.dir, withdrawal, 'core', ({ salt }) => ({ salt, bytes }))
    },
    found: [`opening-changed@${withdrawal}`],
    says: `entry ${withdrawal}: its core part was changed after it was written`,
  },
  {
    deed: 'swaps the notice under a request',
    act: (on) => {
      const other = on.scene.early.text.replace('Minutes', 'Marketing')
      swapNotice(on.dir, on.recordAt('request', 1).notice.sha256, utf8(other))
    },
    found: at.early.requests.map((index) => `notice-changed@${index}`),
    says: 'entry 1: the notice it showed was changed after it was shown',
  },
  {
    deed: 'lets a notice vanish as if who asked had been erased',
    act: (on) => {
      const shown = Uint8Array.fromHex(on.recordAt('request', 1).notice.sha256)
      tamper(on.dir, 'vault.db', (vault) => {
        vault.prepare(`UPDATE notice SET sealed = NULL, asker = '' WHERE sha256 = ?`).run(shown)
      })
    },
    found: at.early.requests.map((index) => `notice-unaccounted@${index}`),
    says: 'entry 1: the notice it showed is gone, and who asked was not erased',
  },
]

const droppings: readonly Deed[] = [
  {
    deed: 'removes the row of a withdrawal',
    act: ({ dir }) => {
      tamper(dir, 'log.db', (log) => log.exec(`DELETE FROM entry WHERE idx = ${withdrawal}`))
      tamper(dir, 'vault.db', (vault) =>
        vault.exec(`DELETE FROM opening WHERE idx = ${withdrawal}`),
      )
    },
    found: [
      `leaf-missing@${withdrawal}`,
      `checkpoint-ahead@${withdrawal}`,
      `guard-ahead@${withdrawal}`,
      `seen-differs@${at.next.yes}`,
    ],
    says: `entry ${withdrawal}: entries ${withdrawal} to ${withdrawal} are gone`,
  },
  {
    deed: 'drops a withdrawal and computes the tree anew, without the log’s key',
    act: async (on) => {
      const { signer } = await logParty(signerOf(on.dir).name)
      rewrite(on.dir, withdrawal, on.withoutWithdrawal(), signer)
    },
    found: ['checkpoint-invalid', `seen-differs@${at.next.yes}`],
    says: 'the checkpoint of size 16 does not verify, and 11 more',
  },
  {
    deed: 'drops a withdrawal and signs the tree anew, though somebody decided later',
    act: (on) => void rewrite(on.dir, withdrawal, on.withoutWithdrawal()),
    found: [`seen-differs@${at.next.yes}`],
    says: `entry ${at.next.yes}: rests on a log of 22 entries that is not the beginning of this`,
  },
  {
    deed: 'drops a withdrawal and all that came later; who withdrew has the receipt',
    act: (on) => {
      rewrite(on.dir, withdrawal, on.arrivals(withdrawal + 1, 20))
      return [on.kept('ines-withdrawal.json')]
    },
    found: ['kept-ahead@19'],
    says: 'ines-withdrawal.json is of 27 entries, 19 are here',
  },
  {
    deed: 'puts something else in the place of a withdrawal; who withdrew has the receipt',
    act: (on) => {
      rewrite(on.dir, withdrawal, [...on.withoutWithdrawal(20), ...on.opened(8)])
      return [on.kept('ines-withdrawal.json')]
    },
    found: [`kept-forked@${withdrawal}`],
    says: `entry ${withdrawal}: is proven otherwise: `,
  },
  {
    deed: 'puts something else in the place of a withdrawal; somebody has a checkpoint of then',
    act: (on) => {
      rewrite(on.dir, withdrawal, on.withoutWithdrawal(20))
      return [on.kept('checkpoint-20')]
    },
    found: ['kept-forked'],
    says: 'checkpoint-20 is of another tree of 20 entries that this log signed: it was rewritten',
  },
  {
    deed: 'deletes a withdrawal by hand, and says that it was erased on request',
    act: ({ dir }) => eraseByHand(dir, withdrawal),
    found: [`erasure-unnoted@${withdrawal}`],
    says: `entry ${withdrawal}: is said to be erased, and no erasure of it was noted beside the guard`,
  },
  {
    deed: 'erases a withdrawal alone, as if on request; who withdrew has the receipt',
    act: (on) => {
      eraseAsOperator(on.dir, withdrawal)
      return [on.kept('ines-withdrawal.json'), on.kept('ines-yes.json')]
    },
    found: [`kept-erased@${withdrawal}`],
    says: `entry ${withdrawal}: was erased, and not what the same person had done before: `,
  },
]

const replays: readonly Deed[] = [
  {
    deed: 'puts a yes to one request under another one',
    act: (on) => {
      const [, asked] = at.early.requests
      const before = on.recordAt('request', asked)
      const { recordId } = recordHeader('request', before.session.id)
      const again = { ...before, recordId, requestId: newId.request() }
      const { requestId } = again
      rewrite(on.dir, at.size, [
        forged(on.arrivals(asked)[0]!, again, ''),
        on.decisionLike(at.early.yeses[1], { requestId }),
      ])
    },
    found: ['notice-differs@27', 'record-request@28'],
    says: 'entry 28: is not what this person signed: the record is of another request',
  },
  {
    deed: 'writes a yes a second time',
    act: (on) => void rewrite(on.dir, at.size, [on.decisionLike(at.early.yeses[1], {})]),
    found: ['decision-repeated@27', 'decision-out-of-order@27'],
    says: 'entry 27: repeats an earlier decision as if it had been made again',
  },
  {
    deed: 'moves a yes into another call',
    act: (on) => void rewrite(on.dir, at.size, [on.movedYes()]),
    found: ['record-session@27', 'session-differs@27'],
    says: 'entry 27: is not what this person signed: the record is of another call',
  },
]

type Invention = Exclude<keyof ReturnType<typeof inventions>, 'refused' | 'ref' | 'time'>
const forgedBy: Record<Invention, readonly [how: string, code: string, says: string]> = {
  unsigned: ['that nobody signed', 'given-unsigned', 'is a yes that nobody signed'],
  byAnotherKey: [
    'that another key signed',
    'decision-key',
    'is not what this person signed: another key than the one that was asked',
  ],
  underTheirKey: [
    'with a wrong signature',
    'jws-signature',
    'is not what this person signed: the signature is wrong',
  ],
  byUnboundKey: [
    'by a fresh key that nothing ties to the person',
    'decision-key-unbound',
    'is not what this person signed: nothing, or two things, tie the key to the person',
  ],
  byKeyThatNeverJoined: [
    'by a fresh key, beside the person’s own joining',
    'join-key',
    'is not what this person signed: another key joined',
  ],
  byKeyOfAnotherCall: [
    'by a fresh key that joined another call',
    'join-session',
    'is not what this person signed: it joined another call, or as someone else',
  ],
}
const invented = Object.entries(forgedBy).map(
  ([which, [how, code, says]]): Deed => ({
    deed: `invents a yes ${how}`,
    act: ({ scene, dir }) =>
      void rewrite(dir, at.size, inventions(scene)[which as Invention]),
    found: [`${code}@28`],
    says: `entry 28: ${says}`,
  }),
)

const histories: readonly Deed[] = [
  {
    deed: 'signs another tree of a size that somebody has seen',
    act: ({ dir }) => {
      const signer = signerOf(dir)
      const other = { origin: signer.name, size: 20, root: new Uint8Array(32) }
      writeFileSync(join(dir, 'shown'), signCheckpoint(other, signer))
      return [join(dir, 'shown')]
    },
    found: ['kept-forked'],
    says: 'shown is of another tree of 20 entries that this log signed',
  },
  {
    deed: 'puts an old copy of the log in place; the guard remembers',
    act: ({ dir }) => {
      cpSync(join(dir, 'guard'), join(dir, 'elsewhere'))
      rewrite(dir, 20, [])
      cpSync(join(dir, 'elsewhere'), join(dir, 'guard'))
    },
    found: ['guard-ahead@20'],
    says: 'entry 20: the guard has seen 27 entries, 20 are here',
  },
  {
    deed: 'puts an old copy of the log and the guard in place; somebody has a later checkpoint',
    act: (on) => {
      rewrite(on.dir, 20, [])
      return [on.kept('checkpoint-27')]
    },
    found: ['kept-ahead@20'],
    says: 'checkpoint-27 is of 27 entries, 20 are here',
  },
]

const recordings: readonly Deed[] = [
  {
    deed: 'records on after a withdrawal, as the recording’s own manifest tells',
    act: async ({ scene, dir }) => {
      const { recorded, parties } = scene.late
      const { from, to } = recorded
      const [maya, ines] = parties.map(({ ref }) => ref)
      const sha256 = await writeRecording(dir, scene.late, [
        [maya!, from, to],
        [ines!, from, to + 30_000],
      ])
      const like = scene.calls.arrivals[at.late.finished]!
      rewrite(dir, at.late.finished, [forged(like, finishedOf(scene.late, sha256), '')])
    },
    found: ['media-outside-gate', 'media-after-withdrawal'],
    says: 'tracks/1-microphone: holds media from after a withdrawal (entry 16)',
  },
  {
    deed: 'records somebody who had said no',
    act: async ({ scene, dir }) => {
      const { refused, ref, time } = inventions(scene)
      rewrite(dir, at.size, refused)
      await writeRecording(dir, scene.early, [[ref, time + 5000, time + 9000]])
    },
    found: ['media-outside-gate', 'media-after-refusal'],
    says: 'tracks/0-microphone: holds media from after a no (entry 28)',
  },
  {
    deed: 'records without a word in the log',
    act: async ({ scene, dir }) => {
      await writeRecording(dir, scene.early, undefined, { requestId: newId.request() })
    },
    found: ['recording-unlogged'],
    says: 'no entry tells of this recording',
  },
  {
    deed: 'edits the manifest of a recording',
    act: async ({ scene, dir }) => {
      const { from, to } = scene.late.recorded
      await writeRecording(dir, scene.late, [[scene.late.parties[0]!.ref, from, to - 1]])
    },
    found: [`recording-differs@${at.late.finished}`],
    says: `entry ${at.late.finished}: names the manifest `,
  },
  {
    deed: 'edits the manifest of a recording and calls that a part destroyed',
    act: async ({ scene, dir }) => {
      const { from, to } = scene.late.recorded
      const short = [[scene.late.parties[0]!.ref, from, to - 1]] as const
      await writeRecording(dir, scene.late, short, { replaces: [scene.manifestSha256] })
    },
    found: ['recording-differs'],
    says: 'tracks/0-microphone: is nothing that the log says was recorded',
  },
]

/** The adversary's catalogue. */
export const deeds = [
  ...edits,
  ...droppings,
  ...replays,
  ...invented,
  ...untrue,
  ...histories,
  ...recordings,
]
