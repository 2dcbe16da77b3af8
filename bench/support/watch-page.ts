/** What a page saw, by its own clock (ms epoch). */
export interface Seen {
  clickedAt: number
  firstFrameAt: number
}

declare global {
  interface Window {
    seen: Seen
  }
}

/** Put into a page before its own scripts: notes the click on Join and the first picture of someone else that is decoded. */
export function watchPage(): void {
  window.seen = { clickedAt: 0, firstFrameAt: 0 }
  const theirs = new Set<MediaStreamTrack>()
  const Plain = window.RTCPeerConnection
  window.RTCPeerConnection = class extends Plain {
    constructor(configuration?: RTCConfiguration) {
      super(configuration)
      this.addEventListener('track', ({ track }) => theirs.add(track))
    }
  }
  document.addEventListener(
    'submit',
    () => {
      window.seen.clickedAt = Date.now()
    },
    { capture: true },
  )
  // A timer and no animation frames: those stand still in a page that nobody looks at.
  const timer = setInterval(() => {
    const decoded = [...document.querySelectorAll('video')].some(
      (video) =>
        video.srcObject instanceof MediaStream &&
        video.srcObject.getVideoTracks().some((track) => theirs.has(track)) &&
        video.getVideoPlaybackQuality().totalVideoFrames > 0,
    )
    if (!decoded) return
    window.seen.firstFrameAt = Date.now()
    clearInterval(timer)
  }, 2)
}
