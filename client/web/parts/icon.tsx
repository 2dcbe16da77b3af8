const microphone = (
  <>
    <rect x="9" y="3" width="6" height="11.5" rx="3" />
    <path d="M5.5 11.5a6.5 6.5 0 0 0 13 0M12 18v3" />
  </>
)
const camera = (
  <>
    <rect x="3" y="6.5" width="12.5" height="11" rx="2.5" />
    <path d="m15.5 10.8 5.5-3v8.4l-5.5-3" />
  </>
)

/** Drawn on 24 × 24 with one stroke, as assistive technology never meets them: the words beside them do the telling. */
const drawings = {
  microphone,
  microphoneOff: (
    <path d="M9 9.5v2a3 3 0 0 0 4.8 2.4M15 11V6a3 3 0 0 0-5.8-1M5.5 11.5a6.5 6.5 0 0 0 10.3 5.3M18.5 11.5c0 .8-.1 1.5-.4 2.2M12 18v3M4 4l16 16" />
  ),
  camera,
  cameraOff: (
    <path d="M15.5 13V9a2.5 2.5 0 0 0-2.5-2.5H9.5M6 6.5h-.5A2.5 2.5 0 0 0 3 9v6a2.5 2.5 0 0 0 2.5 2.5H13c.7 0 1.3-.3 1.8-.7M15.5 10.8l5.5-3v8.4l-3-1.6M4 4l16 16" />
  ),
  speaking: <path d="M4 12v0M8 8v8M12 5v14M16 9v6M20 11v2" />,
  screen: (
    <>
      <rect x="3" y="4.5" width="18" height="12.5" rx="2" />
      <path d="M12 13.5v-5.5M9.3 10.5 12 7.8l2.7 2.7M8 20.5h8" />
    </>
  ),
  people: (
    <>
      <circle cx="9" cy="8.5" r="3.5" />
      <path d="M2.5 20c.3-3.8 2.9-6 6.5-6s6.2 2.2 6.5 6M15.5 5.3a3.5 3.5 0 0 1 0 6.4M18 14.6c2 .8 3.2 2.7 3.5 5.4" />
    </>
  ),
  more: (
    <g fill="currentColor">
      <circle cx="5.5" cy="12" r="1.2" />
      <circle cx="12" cy="12" r="1.2" />
      <circle cx="18.5" cy="12" r="1.2" />
    </g>
  ),
  leave: <path d="M10 4H5.5v16H10M14.5 8l4 4-4 4M18.5 12H9.5" />,
  down: <path d="m6 9 6 6 6-6" />,
  close: <path d="m6 6 12 12M18 6 6 18" />,
  connection: <path d="M3 9.5a13 13 0 0 1 18 0M6.5 13a8 8 0 0 1 11 0M10 16.5a3 3 0 0 1 4 0" />,
  key: (
    <>
      <circle cx="8" cy="12" r="4" />
      <path d="M12 12h9v3.5M17.5 12v3" />
    </>
  ),
  door: <path d="M6 21V4h12v17M3.5 21h17M14.5 12.5v.1" />,
  done: <path d="m5 12.5 4.7 4.7L19 7.5" />,
  open: <path d="M6 12h12" />,
  verified: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="m8 12.3 2.8 2.8 5.2-5.7" />
    </>
  ),
  download: <path d="M12 4v11M7.5 11l4.5 4.5 4.5-4.5M4.5 20h15" />,
  care: (
    <>
      <circle cx="12" cy="12" r="9" />
      <path d="M12 7.5v5.5M12 16.3v.2" />
    </>
  ),
} as const

export type IconName = keyof typeof drawings

export function Icon({ name }: { readonly name: IconName }) {
  return (
    <svg className="i" viewBox="0 0 24 24" aria-hidden="true">
      {drawings[name]}
    </svg>
  )
}
