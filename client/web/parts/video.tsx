import { useEffect, useRef } from 'react'

/** A picture without sound: sounds are played once per person, wherever the tile is (see call/sounds.tsx). */
export function Video({
  stream,
  mirrored = false,
  whole = false,
}: {
  readonly stream: MediaStream
  readonly mirrored?: boolean
  /** Nothing may be cut off: a shared screen keeps its own proportions. */
  readonly whole?: boolean
}) {
  const ref = useRef<HTMLVideoElement>(null)
  useEffect(() => {
    const video = ref.current
    if (video === null) return undefined
    video.srcObject = stream
    return () => {
      video.srcObject = null
    }
  }, [stream])
  const className = `video${mirrored ? ' mirrored' : ''}${whole ? ' whole' : ''}`
  // A picture torn out of the window would be without the record line.
  return (
    <video
      ref={ref}
      className={className}
      autoPlay
      playsInline
      muted
      disablePictureInPicture
      aria-hidden="true"
    />
  )
}
