/** Engraved rings, drawn from a receipt's name: an ornament, by which nobody can check anything. */
export function Seal({ name }: { readonly name: string }) {
  const digit = (place: number) => Number.parseInt(name[place] ?? '', 16) || 0
  const [outer, inner] = [18 + (digit(0) % 8), 12 + (digit(1) % 8)]
  return (
    <svg className="seal" viewBox="-60 -60 120 120" aria-hidden="true">
      <Rosette count={outer} rx={56} ry={16 + (digit(2) % 9)} />
      <Rosette count={inner} rx={24 + (digit(3) % 6)} ry={7 + (digit(4) % 5)} />
      <circle r="57.5" />
      <circle r="59" />
    </svg>
  )
}

const Rosette = ({ count, rx, ry }: { count: number; rx: number; ry: number }) =>
  Array.from({ length: count }, (_, place) => (
    <ellipse key={place} rx={rx} ry={ry} transform={`rotate(${(place * 180) / count})`} />
  ))
