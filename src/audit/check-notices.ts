import { equal, toHex, type Sha256 } from './bytes.ts'
import type { Finding } from './findings.ts'
import { Flaw } from './flaw.ts'
import type { Opened } from './interrupted.ts'
import { readNotice, recordSays, type NoticeText } from './notice-text.ts'
import type { RecordOf } from './records.ts'

export type NoticeCode =
  | 'notice-missing'
  | 'notice-changed'
  | 'notice-unaccounted'
  | 'notice-differs'

/** `bytes`: undefined once they were erased, with the name of who asked. */
export type StoredNotice = {
  readonly sha256: Uint8Array
  readonly bytes: Uint8Array | undefined
}

type Asked = { readonly index: number; readonly core: RecordOf<'request'> }
/** `whole`: to the letter; what it says, where it has the form of a notice. */
type Kept =
  | { readonly state: 'whole'; readonly says: NoticeText | undefined }
  | { readonly state: 'changed' | 'erased' }

/**
 * Holds each request against the notice that was shown: kept to the letter and saying the same, or gone with the name of
 * who asked, which stands in it. Owns what it has read of the log so far.
 */
export class NoticeCheck {
  readonly #kept = new Map<string, Kept>()
  readonly #requests: Asked[] = []
  /** People whose name can be read somewhere, and people of whom one was erased. */
  readonly #named = new Set<string>()
  readonly #forgotten = new Set<string>()

  constructor(sha256: Sha256, stored: Iterable<StoredNotice>) {
    for (const { sha256: stated, bytes } of stored)
      this.#kept.set(toHex(stated), keptOf(bytes, (kept) => equal(sha256(kept), stated)))
  }

  get size(): number {
    return this.#kept.size
  }

  /** Every entry whose record can be read; `name`: what is kept of who it is about. */
  read({ index, core }: Opened, name: 'kept' | 'erased' | 'none'): void {
    if ('subject' in core && name !== 'none')
      (name === 'kept' ? this.#named : this.#forgotten).add(core.subject.ref)
    if (core.type !== 'request') return
    this.#requests.push({ index, core })
  }

  /** `isAnyGone`: whether there are entries of which nobody can say any more whose they were. */
  findings(isAnyGone: boolean): Finding<NoticeCode>[] {
    const shown = new Set(this.#requests.map(({ core }) => core.notice.sha256))
    const strangers = [...this.#kept].filter(
      ([sha256, { state }]) => state === 'changed' && !shown.has(sha256),
    )
    return [
      ...strangers.map(([sha256]): Finding<NoticeCode> => ({
        code: 'notice-changed',
        index: null,
        message: `the notice ${sha256} was changed after it was kept`,
      })),
      ...this.#requests.flatMap(({ index, core }): Finding<NoticeCode>[] => {
        const kept = this.#kept.get(core.notice.sha256)
        const found = (code: NoticeCode, message: string) => [{ code, index, message }]
        switch (kept?.state) {
          case undefined:
            return found('notice-missing', 'the notice it showed is not kept')
          case 'changed':
            return found('notice-changed', 'the notice it showed was changed after it was shown')
          case 'erased':
            return this.#isForgotten(core.event.entity, isAnyGone)
              ? []
              : found('notice-unaccounted', 'the notice it showed is gone, and who asked was not erased')
          case 'whole':
            return kept.says === undefined || recordSays(core, kept.says)
              ? []
              : found('notice-differs', 'says another thing than the notice it showed')
        }
      }),
    ]
  }

  #isForgotten(asker: string, isAnyGone: boolean): boolean {
    return this.#forgotten.has(asker) || (isAnyGone && !this.#named.has(asker))
  }
}

function keptOf(bytes: Uint8Array | undefined, isWhole: (bytes: Uint8Array) => boolean): Kept {
  if (bytes === undefined) return { state: 'erased' }
  return isWhole(bytes) ? { state: 'whole', says: saysIn(bytes) } : { state: 'changed' }
}

function saysIn(bytes: Uint8Array): NoticeText | undefined {
  try {
    return readNotice(bytes)
  } catch (cause) {
    if (cause instanceof Flaw) return undefined
    throw cause
  }
}
