import { arcsOf } from './arcs.ts'

/** open: nothing · asked: arcs · closed: REC · out: not in it · care: something failed · unknown: connection lost. */
export type RingShape = 'open' | 'closed' | 'paused' | 'ended' | 'out' | 'care' | 'unknown' | Asked
interface Asked {
  readonly answered: number
  readonly total: number
}

export function Ring({
  shape,
  className = '',
}: {
  readonly shape: RingShape
  readonly className?: string
}) {
  return (
    <svg className={`ring ${className}`} viewBox="0 0 24 24" aria-hidden="true">
      {drawn(shape)}
    </svg>
  )
}

function drawn(shape: RingShape) {
  if (typeof shape === 'object') return <Arcs {...shape} />
  switch (shape) {
    case 'open':
      return (
        <circle
          cx="12"
          cy="12"
          r="9"
          pathLength="100"
          strokeDasharray="78 100"
          transform="rotate(-50 12 12)"
          strokeLinecap="round"
        />
      )
    case 'closed':
      return (
        <>
          <circle cx="12" cy="12" r="9" />
          <circle className="fill" cx="12" cy="12" r="4.5" />
        </>
      )
    case 'paused':
      return (
        <>
          <circle cx="12" cy="12" r="9" strokeDasharray="4.2 2.6" />
          <path d="M9.8 8.5v7M14.2 8.5v7" />
        </>
      )
    case 'ended':
      return (
        <>
          <circle cx="12" cy="12" r="9" />
          <rect className="fill" x="8.5" y="8.5" width="7" height="7" rx="1" />
        </>
      )
    case 'out':
      return (
        <>
          <circle cx="12" cy="12" r="9" strokeDasharray="2.5 3.2" />
          <path d="M8 12h8" />
        </>
      )
    case 'care':
      return (
        <>
          <circle cx="12" cy="12" r="9" />
          <path d="M12 7.5v5.5M12 16.3v.2" strokeLinecap="round" />
        </>
      )
    case 'unknown':
      return (
        <circle
          cx="12"
          cy="12"
          r="9"
          pathLength="100"
          strokeDasharray="5 6 5 6 5 6 5 6 5 6 5 6 5 100"
          transform="rotate(-50 12 12)"
        />
      )
  }
}

function Arcs({ answered, total }: Asked) {
  return arcsOf(answered, total).map(({ length, offset, filled }) => (
    <circle
      key={offset}
      className={filled ? '' : 'still'}
      cx="12"
      cy="12"
      r="9"
      pathLength="100"
      strokeDasharray={`${length} 100`}
      strokeDashoffset={offset}
      transform="rotate(-90 12 12)"
    />
  ))
}
