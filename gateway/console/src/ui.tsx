import type { ButtonHTMLAttributes, ComponentChildren } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Failure, Note, State } from './api'
import { ago, clock, copy, iso, safeLine, when } from './format'
import { live, now, useStore } from './live'
import { go } from './route'

const PATHS: Record<string, string> = {
  devices: 'M7 7h10v10H7zM10 7V3m4 4V3m-4 18v-4m4 4v-4M7 10H3m4 4H3m18-4h-4m4 4h-4',
  messages: 'M4 5h16v11H9l-5 4z',
  relay: 'M7 17a4.5 4.5 0 0 1 .5-9 6 6 0 0 1 11.4 1.700A3.7 3.7 0 0 1 18 17M12 20v-8m-3 3 3-3 3 3',
  health: 'M3 12h4l2.5-6 4.5 12 2.5-6H21',
  users: 'M9 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM3 20c0-3.5 2.5-6 6-6s6 2.5 6 6m1-15.700a3.5 3.5 0 0 1 0 6.400M18 14.500c2 .8 3 2.7 3 5.5',
  settings: 'M4 7h10m4 0h2M4 17h2m4 0h10M16 5v4M8 15v4',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zm5-2 4.5 4.5', plus: 'M12 5v14M5 12h14', mail: 'M3 6h18v12H3zM3 7l9 6 9-6',
  warn: 'M12 4 2.5 20h19zM12 10v5m0 2.500v.1', info: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zm0-10v5m0-8.500v.1', check: 'm5 12.5 4.5 4.500L19 7.5', cross: 'M6 6l12 12M18 6 6 18',
  send: 'M4 12 20 4l-5 16-3.5-6.500zM11.5 13.5 20 4', copy: 'M9 9h11v11H9zM5 15H4V4h11v1', down: 'm6 9 6 6 6-6', right: 'm9 6 6 6-6 6', left: 'm15 6-6 6 6 6',
  trash: 'M5 7h14M10 7V4h4v3m-7 0 1 13h8l1-13', out: 'M14 4h5v16h-5M4 12h11m-4-4 4 4-4 4', key: 'M14 10a4 4 0 1 0-3.5 4l1.5 1.500h2V17h2v2h3v-3z', more: 'M4 7h16M4 12h16M4 17h16',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zm0-13v2m0 14v2M3 12h2m14 0h2M5.6 5.6 7 7m10 10 1.4 1.400m0-12.800L17 7M7 17l-1.4 1.4', moon: 'M20 14.500A8.5 8.5 0 1 1 9.5 4a7 7 0 0 0 10.5 10.500z', follow: 'M12 5c5 0 8.5 4.5 9.5 7-1 2.5-4.5 7-9.5 7s-8.5-4.5-9.5-7c1-2.5 4.5-7 9.5-7zm0 10a3 3 0 1 0 0-6 3 3 0 0 0 0 6z', clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zm0-14v5l3.5 2',
}
export const Icon = ({ name, size = 18 }: { name: string; size?: number }) =>
  <svg class="icon" width={size} height={size} viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true"><path d={PATHS[name]} /></svg>

export const STATE_WORDS: Record<State, string> = { online: 'Online', asleep: 'Asleep', overdue: 'Overdue', offline: 'Offline', never: 'Never seen' }
const phones = matchMedia('(max-width: 719px)')
/** As narrow as the style has it for a phone; drawn anew when it is turned. */
export function usePhone(): boolean {
  const [is, set] = useState(phones.matches)
  useEffect(() => { const on = () => set(phones.matches); phones.addEventListener('change', on); return () => phones.removeEventListener('change', on) }, [])
  return is
}

/** State is a shape, a word and a colour: no one of them alone. */
export function Glyph({ state, size = 14 }: { state: State; size?: number }) {
  const line = { fill: 'none', stroke: 'currentColor', 'stroke-width': 2.2, 'stroke-linecap': 'round' as const }
  return <svg class={`glyph is-${state}`} width={size} height={size} viewBox="0 0 16 16" aria-hidden="true">
    {state === 'online' ? <circle cx="8" cy="8" r="6" fill="currentColor" />
      : state === 'asleep' ? <path d="M13.5 10.200A6.2 6.2 0 0 1 5.8 2.500a6.2 6.2 0 1 0 7.7 7.700z" fill="currentColor" />
        : state === 'overdue' ? <><circle cx="8" cy="8" r="6" {...line} /><path d="M8 4.700V8l2.2 1.8" {...line} stroke-width={1.8} /></>
          : state === 'offline' ? <><circle cx="8" cy="8" r="6" {...line} /><path d="m4 12 8-8" {...line} /></>
            : <circle cx="8" cy="8" r="6" {...line} stroke-width={1.8} stroke-dasharray="2 2.7" />}
  </svg>
}
export const StateBadge = ({ state }: { state: State }) => <span class={`state is-${state}`}><Glyph state={state} />{STATE_WORDS[state]}</span>

/** "5 s ago"; while the page is not live a time, because an age would be a lie. */
export function Age({ t, prefix = '' }: { t: number; prefix?: string }) {
  const n = useStore(now)
  const l = useStore(live)
  if (t <= 0) return null
  return <time dateTime={iso(t)} title={new Date(t).toString()}>{prefix}{l.stale ? when(t, n, true) : ago(t, n)}</time>
}
export const Clock = ({ t }: { t: number }) => <time title={new Date(t).toString()}>{clock(t)}</time>

export function Name({ text, most = 80 }: { text: string; most?: number }) { return <bdi title={text.length > most ? safeLine(text, 1000) : undefined}>{safeLine(text, most)}</bdi> }

// Four columns, 3 wide; a path of each.
const BARS = [0, 1, 2, 3].map((i) => `M${i * 4.6} ${9 - i * 3}h3v${3 + i * 3}h-3z`)
export function Bars({ dbm }: { dbm?: number }) {
  if (dbm === undefined) return <span class="muted">–</span>
  const lit = dbm >= -60 ? 4 : dbm >= -70 ? 3 : dbm >= -80 ? 2 : 1
  return <span class="bars" title={`${Math.round(dbm)} dBm`}><svg width="18" height="12" viewBox="0 0 18 12" aria-hidden="true"><path d={BARS.slice(0, lit).join('')} class="lit" /><path d={BARS.slice(lit).join('')} class="dim" /></svg>{`−${Math.abs(Math.round(dbm))}`}</span>
}

type ButtonProps = { kind?: 'primary' | 'danger' | 'quiet'; icon?: string; needs?: boolean; children?: ComponentChildren; label?: string } & Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'icon'>
export function Button({ kind, icon, children, label, class: extra, ...rest }: ButtonProps) {
  return <button type="button" class={`button ${kind ?? ''} ${children ? '' : 'square'} ${extra ?? ''}`} aria-label={label} title={label} {...rest}>{icon && <Icon name={icon} />}{children}</button>
}
export function CopyButton({ text, children = 'Copy' }: { text: string | (() => string); children?: ComponentChildren }) {
  const [done, setDone] = useState<boolean | null>(null)
  useEffect(() => { if (done !== null) { const t = setTimeout(() => setDone(null), 2000); return () => clearTimeout(t) } }, [done])
  return <Button icon={done ? 'check' : 'copy'} onClick={async () => setDone(await copy(typeof text === 'string' ? text : text()))}>{done === null ? children : done ? 'Copied' : 'Select and copy it, please'}</Button>
}
type LinkProps = { to: string; children?: ComponentChildren; class?: string; title?: string; 'aria-current'?: 'page'; 'data-row'?: number }
export const Link = ({ to, children, class: c, ...rest }: LinkProps) =>
  <a href={to} class={c} {...rest} onClick={(e) => { if (e.ctrlKey || e.metaKey || e.shiftKey || e.button !== 0) return; e.preventDefault(); go(to) }}>{children}</a>

export function Failed({ failure, retry }: { failure: Failure; retry?: () => void }) {
  return <div class="notice bad" role="alert"><Icon name="warn" /><div><b>{failure.title}</b> {failure.detail}{failure.todo && <div class="todo">{failure.todo}</div>}</div>{retry && <Button onClick={retry}>Retry</Button>}</div>
}
export const Empty = ({ icon, title, children }: { icon: string; title: string; children?: ComponentChildren }) =>
  <div class="empty"><span class="empty-icon"><Icon name={icon} size={28} /></span><h2>{title}</h2><div class="empty-text">{children}</div></div>

/** Grey lines, not before 200 ms: most of the time nobody sees them. */
export function Loading({ what, lines = 6 }: { what: string; lines?: number }) {
  const [stage, setStage] = useState(0)
  useEffect(() => { const a = setTimeout(() => setStage(1), 200), b = setTimeout(() => setStage(2), 5000); return () => { clearTimeout(a); clearTimeout(b) } }, [])
  if (stage === 0) return null
  return <div class="loading" role="status" aria-label={`Loading ${what}`}>{Array.from({ length: lines }, (_, i) => <div key={i} class="skeleton" />)}{stage === 2 && <p class="muted">Still waiting for {what}…</p>}</div>
}

const hushed = (id: string) => Number(localStorage.getItem('hush ' + id) ?? 0) > Date.now()
export function NoteCard({ note, compact, redraw }: { note: Note; compact?: boolean; redraw?: () => void }) {
  const n = useStore(now)
  return <article class={`notice ${note.level}`}>
    <Icon name={note.level === 'info' ? 'info' : 'warn'} />
    <div class="grow"><b>{safeLine(note.title)}</b> {safeLine(note.text, 400)}<div class="todo">{safeLine(note.do, 400)}</div>
      {!compact && note.first > 0 && <div class="muted small">first {when(note.first, n)}{note.last > note.first ? `, last ${when(note.last, n)}` : ''}{note.count > 1 ? `, ${note.count} times` : ''}</div>}</div>
    {note.device !== '' && <Button onClick={() => go(`/devices/${encodeURIComponent(note.device)}`)}>Look</Button>}
    {redraw && <Button kind="quiet" icon="cross" label="Hush for a day" onClick={() => { localStorage.setItem('hush ' + note.id, String(Date.now() + 86_400_000)); redraw() }} />}
  </article>
}
export const notHushed = (notes: Note[]) => notes.filter((x) => !hushed(x.id))

/** Something to be asked before it is done. */
export function Dialog({ title, children, close }: { title: string; children: ComponentChildren; close: () => void }) {
  const ref = useRef<HTMLDialogElement>(null)
  useEffect(() => { const d = ref.current!; d.showModal(); return () => d.close() }, [])
  return <dialog ref={ref} onCancel={(e) => { e.preventDefault(); close() }} onClick={(e) => { if (e.target === ref.current) close() }}><div class="dialog"><header><h2>{title}</h2><Button kind="quiet" icon="cross" label="Close" onClick={close} /></header>{children}</div></dialog>
}
export function Tabs({ tabs, at, base, query = '' }: { tabs: [string, ComponentChildren][]; at: string; base: string; query?: string }) {
  return <nav class="tabs" aria-label="Parts of this page">{tabs.map(([id, label]) => <Link key={id} to={(id === '' ? base : `${base}/${id}`) + query} aria-current={at === id ? 'page' : undefined}>{label}</Link>)}</nav>
}
export function Meter({ used, max }: { used: number; max: number }) {
  const share = max > 0 ? Math.min(1, used / max) : 0
  return <svg class={`meter ${share >= 0.9 ? 'bad' : share >= 0.75 ? 'warn' : ''}`} viewBox="0 0 100 4" preserveAspectRatio="none" role="img" aria-label={`${Math.round(share * 100)} %`}><rect width="100" height="4" class="track" /><rect width={share * 100} height="4" class="fill" /></svg>
}
