import { useEffect, useState } from 'react'
import { useText } from '../language/text.tsx'

const bars = [0.02, 0.06, 0.12, 0.2, 0.32, 0.5]
const audible = 0.05
const heardFor = 3000

/** How loud the microphone is, in six bars, and in words for who does not see them. Nothing is sent. */
export function LevelMeter({ stream }: { readonly stream: MediaStream }) {
  const { t } = useText()
  const { level, heard } = useLevel(stream)
  return (
    <p className="level small quiet">
      <span className="meter" aria-hidden="true">
        {bars.map((from) => (
          <i key={from} className={level >= from ? 'yes' : 'no'} />
        ))}
      </span>
      {t(heard ? 'join.heard' : 'join.silent')}
    </p>
  )
}

/** `level`: the loudest sample lately, 0 to 1. `heard`: something was loud enough within the last seconds. */
function useLevel(stream: MediaStream): { level: number; heard: boolean } {
  const [sound, setSound] = useState({ level: 0, heard: false })
  useEffect(() => {
    const context = new AudioContext()
    const analyser = new AnalyserNode(context, { fftSize: 1024 })
    context.createMediaStreamSource(stream).connect(analyser)
    const samples = new Float32Array(analyser.fftSize)
    let heardAt = Number.NEGATIVE_INFINITY
    const timer = setInterval(() => {
      analyser.getFloatTimeDomainData(samples)
      const loudest = samples.reduce((peak, sample) => Math.max(peak, Math.abs(sample)), 0)
      if (loudest > audible) heardAt = performance.now()
      setSound({ level: loudest, heard: performance.now() - heardAt < heardFor })
    }, 100)
    return () => {
      clearInterval(timer)
      void context.close()
    }
  }, [stream])
  return sound
}
