import { fork, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { readFromRecorder, type FromRecorder, type ToRecorder } from './ipc.ts'
import { Misfit } from './shape.ts'

/** What the one who started the process hears of it. */
export interface RecorderEvents {
  message(message: FromRecorder): void
  /** It ended without having been told to. Called once. */
  died(cause: Error): void
}

/** The recorder as a process of its own: a crash of it, or of a codec in it, leaves the call untouched. */
export class RecorderProcess {
  readonly #child: ChildProcess
  readonly #exited: Promise<void>
  #isEnding = false

  constructor(events: RecorderEvents) {
    // Nothing of the server's environment: secrets may stand in it.
    this.#child = fork(fileURLToPath(new URL('./recorder/main.ts', import.meta.url)), [], {
      env: {},
      execArgv: [],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    let complaint = ''
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      complaint = (complaint + text).slice(-2000)
    })
    const { promise, resolve } = Promise.withResolvers<void>()
    this.#exited = promise
    const over = (how: string): void => {
      if (this.#isEnding) return
      this.#isEnding = true
      events.died(new Error(`the recorder process ended: ${how} ${complaint}`.trim()))
    }
    this.#child.on('message', (raw) => {
      if (this.#isEnding) return
      const message = read(raw)
      if (message !== null) return events.message(message)
      over('it said what nobody understands')
      this.#child.kill('SIGKILL')
    })
    this.#child.on('error', ({ message }) => {
      // It could not be started; there will be no exit.
      if (this.#child.pid === undefined) resolve()
      over(message)
    })
    this.#child.on('exit', (code, signal) => {
      resolve()
      over(signal ?? `exit code ${code}`)
    })
  }

  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Lost when the process is gone; `died` then says so. */
  send(message: ToRecorder): void {
    if (this.#child.connected) this.#child.send(message, () => undefined)
  }

  /** Lets it finish what it writes, then resolves when it is gone. */
  async end(): Promise<void> {
    this.#isEnding = true
    this.send({ type: 'end' })
    await this.#exited
  }

  /** For one that has failed: whatever it still holds in memory is lost. */
  async kill(): Promise<void> {
    this.#isEnding = true
    this.#child.kill('SIGKILL')
    await this.#exited
  }
}

function read(raw: unknown): FromRecorder | null {
  try {
    return readFromRecorder(raw)
  } catch (error) {
    if (error instanceof Misfit) return null
    throw error
  }
}
