import { disk } from '../disk.ts'
import { readToRecorder } from '../ipc.ts'
import { Recorder } from './recorder.ts'

/**
 * The recorder process. It ends with the server, at once and without finishing anything: without the server nobody
 * could take a consent back.
 */

const tickMs = 100
const recorder = new Recorder({ disk, tell: (message) => process.send?.(message) })

// A terminal and a service manager tell the whole group to stop. The server decides when the recorder has done its work.
process.on('SIGINT', () => undefined)
process.on('SIGTERM', () => undefined)
process.on('disconnect', () => process.exit(0))
process.on('message', (raw) => {
  const message = readToRecorder(raw)
  if (message.type === 'end') process.disconnect?.()
  else void recorder.handle(message)
})
tickLater()
process.send?.({ type: 'ready' })

function tickLater(): void {
  setTimeout(() => {
    const now = Date.now()
    // By way of the poll phase: a withdrawal that waits in the pipe is read before anything is sealed.
    setImmediate(() => {
      void recorder.tick(now)
      tickLater()
    })
  }, tickMs)
}
