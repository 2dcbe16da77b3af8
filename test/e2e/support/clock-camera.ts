/**
 * A camera and a microphone that show and sound the time, put into a page before its own scripts run: every frame
 * carries `Date.now()` and who it is as a bar code, and a tone marks each full second. What was captured when, and
 * whether picture and sound belong together, can then be read off a recording.
 */
export function installClockCamera(person: number): void {
  const cells = { columns: 12, rows: 5, size: 20 }
  // Enough to judge by: four people encode and decode each other on the test machine's two cores.
  const rate = 15
  const canvas = document.createElement('canvas')
  canvas.width = cells.columns * cells.size
  canvas.height = cells.rows * cells.size
  const pen = canvas.getContext('2d')!

  const draw = (): void => {
    // 44 bits of time, 4 of person, 8 of sum, 4 fixed: enough to reject a frame that was read wrongly.
    const time = Date.now()
    const digits = time.toString(2).padStart(44, '0') + person.toString(2).padStart(4, '0')
    const sum = digits
      .split('')
      .reduce((total, bit, place) => (total + Number(bit) * (place + 1)) % 256, 0)
    const bits = digits + sum.toString(2).padStart(8, '0') + '1010'
    for (const [place, bit] of bits.split('').entries()) {
      pen.fillStyle = bit === '1' ? '#fff' : '#000'
      pen.fillRect(
        (place % cells.columns) * cells.size,
        Math.floor(place / cells.columns) * cells.size,
        cells.size,
        cells.size,
      )
    }
  }
  // Not animation frames: a page in the background would stand still.
  setInterval(draw, 1000 / rate)
  draw()

  const sound = (): MediaStreamTrack => {
    const context = new AudioContext({ sampleRate: 48_000 })
    const out = context.createMediaStreamDestination()
    const tone = context.createOscillator()
    tone.frequency.value = 400 + 200 * person
    const loudness = context.createGain()
    loudness.gain.value = 0.02
    tone.connect(loudness).connect(out)
    tone.start()
    let marked = Math.floor(Date.now() / 1000) + 1
    const leads: number[] = []
    setInterval(() => {
      // On a busy machine the context's time stands still and then catches up: it is right when it is furthest ahead.
      leads.push(context.currentTime * 1000 - Date.now())
      if (leads.length > 40) leads.shift()
      while (marked * 1000 < Date.now() + 400) {
        const at = (marked * 1000 + Math.max(...leads)) / 1000
        if (at > context.currentTime) {
          loudness.gain.setValueAtTime(0.5, at)
          loudness.gain.setValueAtTime(0.02, at + 0.1)
        }
        marked += 1
      }
    }, 50)
    return out.stream.getAudioTracks()[0]!
  }

  const devices = [
    ['videoinput', 'Clock camera'],
    ['audioinput', 'Clock microphone'],
  ].map(([kind, label], place) => ({
    kind,
    label,
    deviceId: `clock-${place}`,
    groupId: 'clock',
    toJSON: () => ({}),
  }))
  navigator.mediaDevices.enumerateDevices = () =>
    Promise.resolve(devices as unknown as MediaDeviceInfo[])
  navigator.mediaDevices.getUserMedia = (wanted) => {
    const stream = new MediaStream()
    if (wanted?.video) stream.addTrack(canvas.captureStream(rate).getVideoTracks()[0]!)
    if (wanted?.audio) stream.addTrack(sound())
    return Promise.resolve(stream)
  }
}

export const barCode = { columns: 12, rows: 5 }

/** The time (ms epoch) and the person in one frame of `columns × rows` grey cells; null when it cannot be read. */
export function readBarCode(cells: Uint8Array): { time: number; person: number } | null {
  const bits = [...cells].map((grey) => (grey > 127 ? 1 : 0))
  const number = (from: number, to: number): number =>
    bits.slice(from, to).reduce<number>((value, bit) => value * 2 + bit, 0)
  const sum = bits
    .slice(0, 48)
    .reduce<number>((total, bit, place) => (total + bit * (place + 1)) % 256, 0)
  if (number(56, 60) !== 0b1010 || number(48, 56) !== sum) return null
  return { time: number(0, 44), person: number(44, 48) }
}
