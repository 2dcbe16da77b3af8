import type { Metrics } from '#metrics'

type Streams = { readonly streams: number; readonly withoutPermit: number }

/** What all rooms' recorders hold together, as the operator sees it. */
export class RecorderTally {
  readonly #byRecorder = new Map<object, Streams>()
  readonly #metrics: Metrics

  constructor(metrics: Metrics) {
    this.#metrics = metrics
  }

  set(recorder: object, now: Streams): void {
    this.#byRecorder.set(recorder, now)
    this.#report()
  }

  remove(recorder: object): void {
    this.#byRecorder.delete(recorder)
    this.#report()
  }

  #report(): void {
    const all = [...this.#byRecorder.values()]
    const sum = (of: (one: Streams) => number) => all.reduce((total, one) => total + of(one), 0)
    const consumers = sum(({ streams }) => streams)
    this.#metrics.setRecorder({
      streams: consumers,
      consumers,
      withoutPermit: sum(({ withoutPermit }) => withoutPermit),
    })
  }
}
