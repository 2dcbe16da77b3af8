import { timeOfDay } from '../language/format.ts'
import { useText } from '../language/text.tsx'
import { useNow } from '../parts/use-now.ts'
import type { Line } from '../record/line.ts'
import { RecordLine, type LineActs } from '../record/record-line.tsx'

/** The name of the call, the record line, the time of day. On phones the line has the whole row. */
export function Top({
  title,
  line,
  since,
  withdrawing,
  acts,
  onMark,
}: {
  readonly title: string
  readonly line: Line
  readonly since: number
  readonly withdrawing: boolean
  readonly acts: LineActs
  readonly onMark: () => void
}) {
  const { locale } = useText()
  const now = useNow(true)
  return (
    <header className="top">
      <div className="top-call">
        <h1>{title}</h1>
      </div>
      <RecordLine line={line} since={since} withdrawing={withdrawing} acts={acts} onMark={onMark} />
      <div className="top-tools">
        <span className="small quiet tnum">{timeOfDay(now, locale)}</span>
      </div>
    </header>
  )
}
