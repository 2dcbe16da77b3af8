import { composeNotice } from '#consent'
import type { Asking, PersonId, ReaderId, RequestId, Sha256 } from '#protocol'
import type { DeskWorld } from './desk-world.ts'
import { sha256 } from './page-requests.ts'

/** The bytes that people decide upon, and to whom a recording under them is sealed. */
export type Shown = {
  readonly text: string
  readonly sha256: Sha256
  readonly readers: readonly ReaderId[]
}

/** The notice of a room's newest request. */
export class CurrentNotice {
  shown: Shown = { text: '', sha256: sha256(''), readers: [] }
  #compose: () => string = () => ''

  /** Throws as `composeNotice`; what was shown before stays then. */
  ask(compose: () => string, { readers }: Asking): Shown {
    const text = compose()
    this.#compose = compose
    this.shown = { text, sha256: sha256(text), readers }
    return this.shown
  }

  /** Whether the controller's settings of now give other bytes; those are shown from now on. */
  hasChanged(): boolean {
    const text = this.#compose()
    if (text === this.shown.text) return false
    this.shown = { ...this.shown, text, sha256: sha256(text) }
    return true
  }
}

/** The same asking gives the same bytes, as long as the controller's settings are the same. */
export function composer(
  { tenant, session, people, now }: DeskWorld,
  person: PersonId,
  asking: Asking,
  requestId: RequestId,
): () => string {
  const askedBy = people().get(person)?.name ?? ''
  const facts = { requestId, session, askedBy, now: now() }
  return () => composeNotice(tenant().notice, asking, facts)
}
