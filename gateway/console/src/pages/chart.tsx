import { useEffect, useRef } from 'preact/hooks'
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { Point } from '../api'
import { clock, number, zone } from '../format'
import { now } from '../live'

const GAP_TIMES = 3
const AXIS_WIDTH = 46 // of the values on the left, in pixels
const tokens = () => { const s = getComputedStyle(document.documentElement); return (n: string) => s.getPropertyValue(n).trim() }

const AROUND = 4
const HOUR_MS = 3_600_000
/** What was usual at that time: the middle one of the steps around it. The interval of today may be another. */
function usualAt(points: Point[], i: number, intervalMs: number, stepMs: number): number {
  const steps: number[] = []
  for (let k = Math.max(1, i - AROUND); k <= Math.min(points.length - 1, i + AROUND); k++) steps.push(points[k][0] - points[k - 1][0])
  steps.sort((a, b) => a - b)
  const [time, , , , n] = points[i]
  // Of what is older than an hour there is a row a minute, however often was measured.
  const kept = (n > 1 && stepMs === 0) || time < now.value - HOUR_MS ? 60_000 : 0
  return Math.max(steps.length >= 3 ? steps[steps.length >> 1] : intervalMs, stepMs, kept, 1000)
}

/** Rows for uPlot: where nothing was measured for three times the usual interval, the line breaks. Late readings, and those that stand alone, are series of dots of their own. */
function columns(points: Point[], intervalMs: number, stepMs: number): { data: (number | null)[][]; gaps: [number, number][]; hasBand: boolean } {
  const t: number[] = [], mean: (number | null)[] = [], min: (number | null)[] = [], max: (number | null)[] = [], late: (number | null)[] = [], alone: (number | null)[] = []
  const gaps: [number, number][] = []
  let before = 0, hasBand = false
  const isGap = (i: number) => i > 0 && i < points.length && points[i][0] - points[i - 1][0] > usualAt(points, i, intervalMs, stepMs) * GAP_TIMES
  let gapNext = false
  points.forEach(([time, lo, mid, hi, , isLate], i) => {
    const gapBefore = gapNext
    gapNext = isGap(i + 1)
    if (gapBefore) { gaps.push([before / 1000, time / 1000]); t.push((before + 1) / 1000); mean.push(null); min.push(null); max.push(null); late.push(null); alone.push(null) }
    t.push(time / 1000); mean.push(mid); min.push(lo); max.push(hi); late.push(isLate ? mid : null)
    alone.push((i === 0 || gapBefore) && (gapNext || i === points.length - 1) && !isLate ? mid : null)
    hasBand ||= hi > lo
    before = time
  })
  return { data: [t, mean, min, max, late, alone], gaps, hasBand }
}

export interface ChartProps { points: Point[]; intervalMs: number; stepMs: number; from: number; to: number; colour: '--accent' | '--series2' | '--series3'; leastSpan: number; label: string; onZoom?: (from: number, to: number) => void; syncKey: string }
export function Chart(props: ChartProps) {
  const box = useRef<HTMLDivElement>(null)
  const plot = useRef<uPlot | null>(null)
  const latest = useRef(props)
  latest.current = props
  const gaps = useRef<[number, number][]>([])

  useEffect(() => {
    const host = box.current!
    const make = () => {
      plot.current?.destroy()
      const p = latest.current, get = tokens()
      const colour = get(p.colour), grid = get('--hair'), text = get('--muted'), surface = get('--surface'), tint = get(p.colour + '-tint')
      const made = columns(p.points, p.intervalMs, p.stepMs)
      gaps.current = made.gaps
      host.dataset.gaps = String(made.gaps.length)
      const font = '11px system-ui, sans-serif'
      // A label that the right edge would cut.
      const isCut = (u: uPlot, s: number) => { const { from, to } = latest.current; return (to - s * 1000) / (to - from) * (u.width - AXIS_WIDTH) < (to - from < 300_000 ? 22 : 12) }
      const axis = { stroke: text, font, grid: { stroke: grid, width: 1 }, ticks: { show: false }, gap: 6 }
      plot.current = new uPlot({
        width: host.clientWidth || 300, height: 144, padding: [8, 4, 0, 0],
        legend: { show: false }, cursor: { sync: { key: p.syncKey }, y: false, drag: { x: true, y: false, setScale: false }, points: { size: 7 } },
        tzDate: (ts) => zone.value === 'utc' ? uPlot.tzDate(new Date(ts * 1000), 'Etc/UTC') : new Date(ts * 1000),
        scales: {
          x: { time: true, range: () => [latest.current.from / 1000, latest.current.to / 1000] },
          y: { range: (_u, lo, hi) => { if (lo === null || hi === null) return [0, 1]; const least = latest.current.leastSpan, mid = (lo + hi) / 2, half = Math.max((hi - lo) / 2 * 1.15, least / 2); return [mid - half, mid + half] } },
        },
        axes: [{ ...axis, grid: { show: false }, size: 22, space: 64, values: (u, splits) => splits.map((s) => isCut(u, s) ? '' : clock(s * 1000, latest.current.to - latest.current.from < 300_000)) },
        { ...axis, size: AXIS_WIDTH, space: 34, values: (_u, splits) => splits.map((v) => number(v)) }],
        series: [{}, { stroke: colour, width: 1.75, points: { show: false }, spanGaps: false },
        { stroke: 'transparent', points: { show: false } }, { stroke: 'transparent', points: { show: false } },
        { stroke: colour, paths: () => null, points: { show: true, size: 5.5, width: 1.250, stroke: colour, fill: surface } },
        { stroke: colour, paths: () => null, points: { show: true, size: 4, width: 1, stroke: colour, fill: colour } }],
        bands: [{ series: [3, 2], fill: tint }],
        hooks: {
          drawClear: [(u) => {
            const c = u.ctx, { left, top, width, height } = u.bbox
            const end = latest.current.to / 1000, last = made.data[0].length > 0 ? u.data[0][u.data[0].length - 1] : undefined
            const usual = Math.max(latest.current.intervalMs, latest.current.stepMs, 1000) / 1000
            const all = [...gaps.current]
            // An outage shows while it lasts.
            if (last !== undefined && end - last > usual * GAP_TIMES + 2) all.push([last, end])
            if (all.length === 0) return
            c.save(); c.beginPath(); c.rect(left, top, width, height); c.clip()
            c.strokeStyle = get('--line'); c.lineWidth = devicePixelRatio
            for (const [a, b] of all) {
              const x0 = Math.max(left, u.valToPos(a, 'x', true)), x1 = Math.min(left + width, u.valToPos(b, 'x', true))
              if (x1 - x0 < 3) continue
              c.save(); c.beginPath(); c.rect(x0, top, x1 - x0, height); c.clip(); c.beginPath()
              for (let x = x0 - height; x < x1; x += 7 * devicePixelRatio) { c.moveTo(x, top + height); c.lineTo(x + height, top) }
              c.stroke(); c.restore()
            }
            c.restore()
          }],
          setSelect: [(u) => {
            if (u.select.width < 8) return
            latest.current.onZoom?.(u.posToVal(u.select.left, 'x') * 1000, u.posToVal(u.select.left + u.select.width, 'x') * 1000)
            u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false)
          }],
        },
      }, made.data as uPlot.AlignedData, host)
    }
    make()
    const sized = new ResizeObserver(() => { if (plot.current && host.clientWidth > 0 && Math.abs(plot.current.width - host.clientWidth) > 1) plot.current.setSize({ width: host.clientWidth, height: 144 }) })
    sized.observe(host)
    addEventListener('themed', make)
    const dark = matchMedia('(prefers-color-scheme: dark)')
    dark.addEventListener('change', make)
    return () => { sized.disconnect(); removeEventListener('themed', make); dark.removeEventListener('change', make); plot.current?.destroy(); plot.current = null }
  }, [props.syncKey])

  useEffect(() => {
    if (!plot.current || document.hidden) return
    const made = columns(props.points, props.intervalMs, props.stepMs)
    gaps.current = made.gaps
    box.current!.dataset.gaps = String(made.gaps.length)
    plot.current.setData(made.data as uPlot.AlignedData, true)
  }, [props.points, props.from, props.to])
  return <div class="chart" ref={box} role="img" aria-label={props.label} />
}
