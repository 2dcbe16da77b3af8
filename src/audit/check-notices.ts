import { equal, toHex, type Sha256 } from './bytes.ts'
import type { Finding } from './findings.ts'
import type { Opened } from './interrupted.ts'

export type NoticeCode = 'notice-missing' | 'notice-changed' | 'notice-unaccounted'

/** `bytes`: undefined once they were erased, with the name of who asked. */
export type StoredNotice = {
  readonly sha256: Uint8Array
  readonly bytes: Uint8Array | undefined
}

type Asked = { readonly index: number; readonly sha256: string; readonly asker: string }

/**
 * Holds each request against the notice that was shown: kept to the letter, or gone with the name of who asked, which
 * stands in it. Owns what it has read of the log so far.
 */
export class NoticeCheck {
  readonly #kept = new Map<string, 'whole' | 'changed' | 'erased'>()
  readonly #requests: Asked[] = []
  /** People whose name can be read somewhere, and people of whom one was erased. */
  readonly #named = new Set<string>()
  readonly #forgotten = new Set<string>()

  constructor(sha256: Sha256, stored: Iterable<StoredNotice>) {
    for (const { sha256: stated, bytes } of stored)
      this.#kept.set(
        toHex(stated),
        bytes === undefined ? 'erased' : equal(sha256(bytes), stated) ? 'whole' : 'changed',
      )
  }

  get size(): number {
    return this.#kept.size
  }

  /** Every entry whose record can be read; `name`: what is kept of who it is about. */
  read({ index, core }: Opened, name: 'kept' | 'erased' | 'none'): void {
    if ('subject' in core && name !== 'none')
      (name === 'kept' ? this.#named : this.#forgotten).add(core.subject.ref)
    if (core.type !== 'request') return
    this.#requests.push({ index, sha256: core.notice.sha256, asker: core.event.entity })
  }

  /** `isAnyGone`: whether there are entries of which nobody can say any more whose they were. */
  findings(isAnyGone: boolean): Finding<NoticeCode>[] {
    const shown = new Set(this.#requests.map(({ sha256 }) => sha256))
    const strangers = [...this.#kept].filter(
      ([sha256, is]) => is === 'changed' && !shown.has(sha256),
    )
    return [
      ...strangers.map(([sha256]): Finding<NoticeCode> => ({
        code: 'notice-changed',
        index: null,
        message: `the notice ${sha256} was changed after it was kept`,
      })),
      ...this.#requests.flatMap(({ index, sha256, asker }): Finding<NoticeCode>[] => {
        const found = (code: NoticeCode, message: string) => [{ code, index, message }]
        switch (this.#kept.get(sha256)) {
          case undefined:
            return found('notice-missing', 'the notice it showed is not kept')
          case 'changed':
            return found('notice-changed', 'the notice it showed was changed after it was shown')
          case 'erased':
            return this.#isForgotten(asker, isAnyGone)
              ? []
              : found('notice-unaccounted', 'the notice it showed is gone, and who asked was not erased')
          case 'whole':
            return []
        }
      }),
    ]
  }

  #isForgotten(asker: string, isAnyGone: boolean): boolean {
    return this.#forgotten.has(asker) || (isAnyGone && !this.#named.has(asker))
  }
}
