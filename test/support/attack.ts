import { join } from 'node:path'
import { recordHeader, type RecordOf, type RecordType } from '#audit'
import { decodeCore, utf8 } from '#audit/verify'
import { newId } from '#protocol'
import { decodeProof } from '../../src/audit/proof.ts'
import type { Arriving } from '../../src/audit/seal.ts'
import { at, forged, type AttackScene } from './attack-scene.ts'

/** One copy of the scene's disk, in the hands of whoever owns it, with all its keys. */
export class Attack {
  readonly scene: AttackScene
  readonly dir: string

  constructor(scene: AttackScene, dir: string) {
    this.scene = scene
    this.dir = dir
  }

  /** As whoever checks would say it: what somebody kept. */
  kept(name: string): string {
    return join(this.scene.kept, name)
  }

  /** The entries as they were, from one to before another. */
  arrivals(from: number, to: number = at.size): Arriving[] {
    return this.scene.calls.arrivals.slice(from, to)
  }

  recordAt<T extends RecordType>(type: T, index: number): RecordOf<T> {
    const core = decodeCore(utf8(this.scene.calls.arrivals[index]!.core))
    if (core.type !== type) throw new Error(`entry ${index} is no ${type}`)
    return core as RecordOf<T>
  }

  /** A decision of the log with the signature it has, in a new record that says something else. */
  decisionLike(index: number, change: Partial<RecordOf<'decision'>>): Arriving {
    const like = this.scene.calls.arrivals[index]!
    const before = this.recordAt('decision', index)
    const { recordId } = recordHeader('decision', before.session.id)
    const core = { ...before, recordId, ...change } as RecordOf<'decision'>
    return forged(like, core, decodeProof(utf8(like.proof)))
  }

  /** Calls in which nothing happens, to make a tree as large as another. */
  opened(count: number): Arriving[] {
    return Array.from({ length: count }, () => {
      const session = newId.session()
      const like = this.scene.calls.arrivals[0]!
      const core = { ...this.recordAt('session-open', 0), ...recordHeader('session-open', session) }
      return { ...forged(like, core, ''), about: { ...like.about, session } }
    })
  }

  /** All that came from the withdrawal on, with nothing that happened in its place: no other entry moves. */
  withoutWithdrawal(to: number = at.size): Arriving[] {
    return [...this.opened(1), ...this.arrivals(at.late.withdrawal + 1, to)]
  }

  /** What Ines said in her call, as if she had said it in the other one. */
  movedYes(): Arriving {
    const { session } = this.scene.early
    return this.decisionLike(at.late.yeses[1], { session: { id: session } })
  }
}
