import { randomBytes } from 'node:crypto'
import type { ArchiveLanguage } from '#protocol'
import type { Asking } from './demands.ts'

/** What a ticket stands for: one copy of everything that is held about one person. */
export type Ticket = { readonly asking: Asking; readonly lang: ArchiveLanguage }

/**
 * Tickets for one download each, so that a browser can save it by an address in which nothing stands that lives on. Kept
 * in memory: after a restart none is good.
 */
export class Tickets {
  readonly #open = new Map<string, Ticket & { readonly expiresAt: number }>()

  /** Times in ms since the epoch. */
  issue(ticket: Ticket, now: number): { ticket: string; expiresInMs: number } {
    for (const [name, { expiresAt }] of this.#open) if (expiresAt <= now) this.#open.delete(name)
    const [oldest] = this.#open.keys()
    if (this.#open.size >= maxOpen && oldest !== undefined) this.#open.delete(oldest)
    const name = randomBytes(32).toString('base64url')
    this.#open.set(name, { ...ticket, expiresAt: now + lifeMs })
    return { ticket: name, expiresInMs: lifeMs }
  }

  /** Null for one that never was, was used, or has run out. It is used up now. */
  redeem(name: string, now: number): Ticket | null {
    const ticket = this.#open.get(name)
    this.#open.delete(name)
    return ticket === undefined || ticket.expiresAt <= now ? null : ticket
  }
}

const lifeMs = 60_000
/** Whoever asks for so many in a minute loses the first. */
const maxOpen = 1000
