import type { types } from 'mediasoup'
import type { SenderReport } from './contract.ts'

/** From 1900 (NTP) to 1970 (RFC 5905 §6). */
const ntpEpochSeconds = 2_208_988_800

/**
 * The sender's own reports on one producer. Collected from its first packet on: those for sound come seconds apart, and
 * who starts to listen late must not wait for the next.
 */
export class SenderReports {
  /** By SSRC: a camera sent in several sizes has several streams. */
  readonly #newest = new Map<number, SenderReport>()
  readonly #listeners = new Set<(report: SenderReport) => void>()

  /** Rejects when the worker has died or the producer has closed. */
  static async of(producer: types.Producer): Promise<SenderReports> {
    const reports = new SenderReports()
    producer.on('trace', ({ type, info }) => {
      const report = type === 'sr' ? read(info) : null
      if (report === null) return
      reports.#newest.set(report.ssrc, report)
      for (const listener of reports.#listeners) listener(report)
    })
    await producer.enableTraceEvent(['sr'])
    return reports
  }

  /** The newest of each stream. */
  get newest(): readonly SenderReport[] {
    return [...this.#newest.values()]
  }

  /** Returns the way to stop. */
  follow(listener: (report: SenderReport) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }
}

function read({ ssrc, ntpSec, ntpFrac, rtpTs }: Record<string, unknown>): SenderReport | null {
  if (typeof ssrc !== 'number' || typeof rtpTs !== 'number') return null
  if (typeof ntpSec !== 'number' || typeof ntpFrac !== 'number') return null
  return { ssrc, rtp: rtpTs, ntpMs: (ntpSec - ntpEpochSeconds) * 1000 + (ntpFrac / 2 ** 32) * 1000 }
}
