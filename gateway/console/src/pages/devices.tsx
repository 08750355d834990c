import type { VNode } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'
import type { DevicePage, Failure, Facets, Health, Note, Row, State } from '../api'
import { enc, get, takeFirstDevices } from '../api'
import { isOperator, session } from '../app'
import { ago, count, number, placesOf, quote, safeLine, span, unit, when } from '../format'
import { live, now, onAnew, onRows, show, tick, useStore } from '../live'
import { isAnswer } from '../poll'
import { go, place, setQuery } from '../route'
import { Bars, Button, CopyButton, Empty, Failed, Glyph, Icon, Link, Loading, Name, NoteCard, notHushed, STATE_WORDS, StateBadge, usePhone } from '../ui'

const PAGE = 60
const ROWS_MAX = 180 // the gateway gives no more than 200 at once
const pageOf = (row: number) => Math.floor(row / PAGE) * PAGE
const pagesOf = (from: number, to: number) => { const pages: number[] = []; for (let at = pageOf(from); at < to; at += PAGE) pages.push(at); return pages }
const CHIPS: [keyof Facets, string, string][] = [['all', 'All', ''], ['online', 'Online', 'state:online'], ['asleep', 'Asleep', 'state:asleep'], ['overdue', 'Overdue', 'state:overdue'], ['offline', 'Offline', 'state:offline'], ['never', 'Never seen', 'state:never'], ['waiting', 'Commands waiting', 'waits>0']]
const COLUMNS: [string, string, string][] = [['state', 'State', ''], ['name', 'Name', ''], ['', 'Last readings', ''], ['since', 'Since, and why', ''], ['rssi', 'Signal, dBm', 'right'], ['batt', 'Battery', 'right'], ['fw', 'Firmware', 'right'], ['waits', 'Waiting', 'right']]
const userOf = () => quote(session.value?.user ?? 'USER')
const keyOf = (r: Row) => `${r.prefix}/${r.name}`
const newer = (told: Row | undefined, answered: Row) => told && (told.since > answered.since || told.since === answered.since && lastTime(told) >= lastTime(answered)) ? told : answered
const linkOf = (r: Row) => `/devices/${enc(r.name)}${r.prefix === 'dm' ? '' : `?prefix=${enc(r.prefix)}`}`

export function Devices() {
  const { query } = useStore(place)
  const q = query.get('q') ?? '', sort = query.get('sort') ?? 'name', grouped = query.get('group') === '1'
  const t = useStore(tick)
  const phone = usePhone()
  const [page, setPage] = useState<DevicePage | null>(null)
  const [rows, setRows] = useState<(Row | undefined)[]>([])
  const [failure, setFailure] = useState<Failure | null>(null)
  const [notes, setNotes] = useState<Note[]>([])
  // The pages that were asked for since the list was emptied last, and which emptying that was: an answer to what was asked before another filter or order is of no use.
  const asked = useRef(new Set<number>())
  const latest = useRef(0)
  const [emptied, setEmptied] = useState(0)
  const index = useRef(new Map<string, number>())
  // What was told while an answer was on its way: the gateway may have looked before that, and will not tell it again.
  const onTheWay = useRef(0)
  const told = useRef(new Map<string, Row>())
  const order = grouped ? 'group' : sort
  // The rows in view, and whether they are of the filter and order that the address names.
  const view = useRef<[number, number]>([0, 0])
  const shown = useRef('')
  const wanted = `${q} ${order}`

  // True when the gateway has answered.
  const fetchPage = async (offset: number, limit: number, anew: boolean): Promise<boolean> => {
    const mine = anew ? ++latest.current : latest.current
    if (onTheWay.current++ === 0) told.current.clear()
    try {
      const list = `/devices?q=${enc(q)}&sort=${enc(order)}`
      const p = (offset === 0 ? takeFirstDevices(list) : null) ?? await get<DevicePage>(`${list}&offset=${offset}&limit=${limit}`)
      if (mine !== latest.current) return true
      if (anew) { asked.current = new Set(pagesOf(offset, offset + limit)); shown.current = wanted; setEmptied(mine) }
      setFailure(null); setPage(p)
      const devices = p.devices.map((r) => newer(told.current.get(keyOf(r)), r))
      setRows((before) => {
        const next = anew || before.length !== p.matched ? new Array<Row | undefined>(p.matched) : before.slice()
        if (anew) index.current.clear()
        devices.forEach((r, i) => { next[p.offset + i] = r; index.current.set(keyOf(r), p.offset + i) })
        return next
      })
      // A page with very long names ends early: the rest of it is the next one.
      const end = Math.min(offset + limit, p.matched), got = p.offset + devices.length
      if (devices.length > 0 && got < end) void fetchPage(got, end - got, false)
      return true
    } catch (x) {
      if (mine === latest.current) setFailure(x as Failure)
      return mine !== latest.current || isAnswer(x)
    } finally { onTheWay.current-- }
  }
  // Rows that are in view are asked for first, and stay until their successors are here.
  const anew = () => {
    const isSame = shown.current === wanted, from = isSame ? pageOf(view.current[0]) : 0, to = isSame ? pageOf(Math.max(0, view.current[1] - 1)) + PAGE : PAGE
    const notesCame = get<Health>('/health').then((h) => { setNotes(notHushed(h.notes.filter((n) => n.level === 'bad'))); return true }, isAnswer)
    return Promise.all([fetchPage(from, Math.min(Math.max(PAGE, to - from), ROWS_MAX), true), notesCame]).then((all) => all.every((is) => is))
  }
  useEffect(() => { const wait = setTimeout(() => void anew(), page === null ? 0 : 120); return () => clearTimeout(wait) }, [q, order])
  useEffect(() => onAnew(anew), [q, order])
  // What is seen changes in its place; rows move only when somebody sorts or filters, or looks anew.
  useEffect(() => onRows((changed) => {
    if (onTheWay.current > 0) for (const r of changed) told.current.set(keyOf(r), r)
    setRows((before) => {
      let next = before
      for (const r of changed) {
        const at = index.current.get(keyOf(r))
        if (at === undefined) continue
        if (next === before) next = before.slice()
        next[at] = r
      }
      return next
    })
  }), [])
  const known = page?.total ?? 0
  const facets = t?.facets ?? page?.facets
  useEffect(() => { if (facets && page && facets.all !== known) void anew() }, [facets?.all, known])

  const need = (from: number, to: number) => {
    view.current = [from, to]
    for (const at of pagesOf(from, to)) if (!asked.current.has(at)) { asked.current.add(at); void fetchPage(at, PAGE, false) }
  }
  const setQ = (text: string) => setQuery({ q: text })
  const addButton = isOperator() && <Button kind="primary" icon="plus" onClick={() => go('/add')}>{phone ? 'Add' : 'Add a device'}</Button>

  return <div class="page devices-page">
    <header class="head"><h1>Devices</h1>
      <SearchField value={q} set={setQ} />
      <Button class="only-wide" aria-pressed={grouped} onClick={() => setQuery({ group: grouped ? undefined : '1' })}>{grouped ? 'Group: on' : 'Group: none'}</Button>{addButton}</header>
    {facets && facets.all > 0 && <div class="chips" role="group" aria-label="Filter by state">{CHIPS.filter(([id]) => id === 'all' || facets[id] > 0).map(([id, label, term]) =>
      <button key={id} class={`chip is-${id}`} aria-pressed={q === term} onClick={() => setQ(q === term ? '' : term)}>{id === 'waiting' ? <Icon name="mail" size={15} /> : id !== 'all' && <Glyph state={id as State} size={13} />}<span>{label}</span><b>{count(facets[id])}</b></button>)}</div>}
    {notes.slice(0, 2).map((n) => <NoteCard key={n.id} note={n} compact redraw={() => setNotes(notHushed(notes))} />)}
    {failure && <Failed failure={failure} retry={anew} />}
    {page === null ? !failure && <Loading what="the devices" lines={10} />
      : page.total === 0 ? <Empty icon="devices" title="No device yet"><p>A board that you add appears here as soon as it tells its birth. So does anything that publishes below <code>dm/NAME/</code>.</p><div class="row center">{addButton}</div>
        <p class="muted">No board at hand? Start a virtual one:</p><Command text={`dotnet run --project firmware/DeviceMqtt.Simulator -- boards --user ${userOf()} --password PASSWORD`} /><p class="muted">Or connect any client:</p><Command text={`mosquitto_pub -h ${location.hostname} -u ${userOf()} -P PASSWORD -t dm/kitchen/tele/climate -m '{"temp":21.5}'`} /></Empty>
        : page.matched === 0 ? <Empty icon="search" title={`Nothing matches ${q}`}><Button onClick={() => setQ('')}>Clear the filter</Button></Empty>
          : <List rows={rows} sort={grouped ? '' : sort} need={need} emptied={emptied} grouped={grouped} />}
  </div>
}

const Command = ({ text }: { text: string }) => <div class="to-copy"><pre class="code break">{text}</pre><CopyButton text={text} /></div>

function SearchField({ value, set }: { value: string; set: (v: string) => void }) {
  const [text, setText] = useState(value)
  const typing = useRef(0)
  const phone = usePhone()
  useEffect(() => setText(value), [value])
  return <label class="search"><Icon name="search" size={16} /><input type="search" value={text} placeholder={phone ? 'Find a device' : 'a name, or state:overdue'} aria-label="Find a device" maxLength={200} spellcheck={false}
    onInput={(e) => { const v = (e.target as HTMLInputElement).value; setText(v); clearTimeout(typing.current); typing.current = window.setTimeout(() => set(v), 150) }} /><kbd class="only-wide">/</kbd></label>
}

type Drawn = { r: Row | undefined; n: number; stale: boolean; first: boolean; phone: boolean; slot: VNode }

function List({ rows, sort, need, emptied, grouped }: { rows: (Row | undefined)[]; sort: string; need: (from: number, to: number) => void; emptied: number; grouped: boolean }) {
  const phone = usePhone()
  const height = phone ? 68 : 44
  const box = useRef<HTMLDivElement>(null)
  const [range, setRange] = useState<[number, number]>([0, 30])
  // A row that is to get the focus once it is drawn.
  const wanted = useRef(-1)
  const measure = () => {
    const top = box.current?.getBoundingClientRect().top ?? 0
    const from = Math.max(0, Math.floor(-top / height) - 8), to = Math.min(rows.length, Math.ceil((innerHeight - top) / height) + 8)
    setRange((r) => r[0] === from && r[1] === to ? r : [from, to])
  }
  useLayoutEffect(measure, [rows.length, height])
  useEffect(() => {
    let frame = 0
    const on = () => { cancelAnimationFrame(frame); frame = requestAnimationFrame(measure) }
    addEventListener('scroll', on, { passive: true }); addEventListener('resize', on)
    on() // what was scrolled between the first picture and now
    return () => { removeEventListener('scroll', on); removeEventListener('resize', on) }
  }, [rows.length, height])
  useEffect(() => {
    need(range[0], range[1])
    const wait = setTimeout(() => show(rows.slice(range[0], range[1]).filter((r) => r !== undefined).map(keyOf)), 200)
    return () => clearTimeout(wait)
  }, [range[0], range[1], rows.length, rows[range[0]], emptied])
  useEffect(() => () => show([]), [])
  const rowAt = (i: number) => box.current?.querySelector<HTMLElement>(`[data-row="${i}"]`)
  useLayoutEffect(() => { if (wanted.current >= 0 && rowAt(wanted.current)) { rowAt(wanted.current)!.focus(); wanted.current = -1 } })
  const last = useRef(-1)
  useLayoutEffect(() => {
    const on = (e: KeyboardEvent) => {
      if (/^(INPUT|TEXTAREA|SELECT|BUTTON)$/.test((e.target as HTMLElement).tagName) || e.ctrlKey || e.metaKey || e.altKey || localStorage.getItem('keys') === 'off') return
      if (e.key !== 'j' && e.key !== 'k') return
      const focused = document.activeElement?.closest<HTMLElement>('[data-row]')?.dataset.row
      const next = Math.max(0, Math.min(rows.length - 1, (focused === undefined ? last.current : Number(focused)) + (e.key === 'j' ? 1 : -1)))
      last.current = next
      const row = rowAt(next)
      if (row) { row.focus(); return }
      wanted.current = next
      scrollTo(0, scrollY + (box.current?.getBoundingClientRect().top ?? 0) + next * height - innerHeight / 2)
    }
    addEventListener('keydown', on)
    return () => removeEventListener('keydown', on)
  }, [rows.length, height])
  const n = useStore(now)
  const isStale = useStore(live).stale
  // What was drawn last, by its row: the same element again is not compared. A turn of the wheel draws the rows that come into view, and no others.
  const drawn = useRef(new Map<number, Drawn>())
  const draw = (i: number) => {
    const r = rows[i], first = grouped && (i === 0 || rows[i - 1]?.group !== r?.group), before = drawn.current.get(i)
    if (before && before.r === r && before.n === n && before.stale === isStale && before.first === first && before.phone === phone) return before
    const slot = <div key={i} class="slot" style={{ top: `${i * height}px`, height: `${height}px` }} role="row" aria-rowindex={i + 1}>
      {r ? phone ? <PhoneRow r={r} n={n} stale={isStale} i={i} /> : <WideRow r={r} n={n} stale={isStale} i={i} first={first} /> : <div class="grid-row"><div class="skeleton" /></div>}</div>
    return { r, n, stale: isStale, first, phone, slot }
  }
  const slots = new Map(Array.from({ length: Math.max(0, range[1] - range[0]) }, (_, i) => [range[0] + i, draw(range[0] + i)]))
  drawn.current = slots
  const header = (id: string, label: string, side: string) => {
    const dir = sort === id ? '↑' : sort === '-' + id ? '↓' : ''
    return id === '' ? <span key={label} class={side} role="columnheader">{label}</span>
      : <span key={label} class={side} role="columnheader" aria-sort={dir === '↑' ? 'ascending' : dir === '↓' ? 'descending' : 'none'}><button class="sorter" onClick={() => setQuery({ sort: sort === id ? '-' + id : id === 'name' ? undefined : id })}>{label} {dir}</button></span>
  }
  return <div class="card table" role="table" aria-label="Devices" aria-rowcount={rows.length}>
    {!phone && <div class="grid-row grid-head" role="row">{COLUMNS.map(([id, label, side]) => header(id, label, side))}</div>}
    <div ref={box} class="rows" style={{ height: `${rows.length * height}px` }} role="rowgroup">
      {[...slots.values()].map((d) => d.slot)}
    </div></div>
}

function Values({ r }: { r: Row }) {
  const old = r.state !== 'online'
  return r.readings.length === 0 ? <span class="muted">no reading yet</span>
    : <span class={`values ${old ? 'old' : ''}`}>{r.readings.map((x) => <span key={x.stream + x.name}><b>{number(x.value, placesOf(x.unit))}</b>{unit(x.unit) ? ' ' + unit(x.unit) : ` ${safeLine(x.name, 24)}`}</span>)}</span>
}
const lastTime = (r: Row) => r.readings.reduce((m, x) => Math.max(m, x.time), 0)
function SinceWhy({ r, n, stale }: { r: Row; n: number; stale: boolean }) {
  const since = r.since > 0 ? stale ? `since ${when(r.since, n)}` : r.state === 'online' ? span(n - r.since) : n - r.since > 12 * 3_600_000 ? `since ${when(r.since, n)}` : `${span(n - r.since)} ago` : '–'
  if (r.state === 'overdue') return <><span>{stale ? 'overdue' : `${span(n - r.until)} late`}</span><small>due {when(r.until, n)}</small></>
  if (r.state === 'asleep') return <><span>until {when(r.until, n)}</span><small>{r.since > 0 ? `sleeps since ${when(r.since, n)}` : 'sleeps'}</small></>
  return <><span>{since}</span><small>{r.why}</small></>
}
const batteryText = (r: Row) => r.battery === undefined ? <span class="muted">–</span> : `${number(r.battery)} ${unit(r.batteryUnit ?? '')}`
const Waits = ({ r, n }: { r: Row; n: number }) => r.waiting === 0 ? null : <span class="waits"><Icon name="mail" size={15} /> {r.waiting}{r.waitingExpires > n && <> · {span(r.waitingExpires - n)}</>}</span>

function WideRow({ r, n, stale, i, first }: { r: Row; n: number; stale: boolean; i: number; first: boolean }) {
  const last = lastTime(r)
  return <Link to={linkOf(r)} class={`grid-row ${first ? 'group-first' : ''}`} data-row={i}>
    <span role="cell"><StateBadge state={r.state} /></span>
    <span role="cell" class="two"><b class="cut"><Name text={r.name} />{r.notes > 0 && <span class="note-mark" title={`${r.notes} to look at`}><Icon name="warn" size={13} /></span>}</b><small class="cut"><Name text={r.group || r.board} /></small></span>
    <span role="cell" class="two"><Values r={r} /><small>{last > 0 ? `${r.state === 'online' ? '' : 'last value, '}${stale ? when(last, n, true) : ago(last, n)}` : ''}</small></span>
    <span role="cell" class="two"><SinceWhy r={r} n={n} stale={stale} /></span>
    <span role="cell" class="right"><Bars dbm={r.rssi} /></span><span role="cell" class="right">{batteryText(r)}</span><span role="cell" class="right muted cut">{r.firmware ? safeLine(r.firmware, 24) : '–'}</span><span role="cell" class="right"><Waits r={r} n={n} /></span></Link>
}
function PhoneRow({ r, n, stale, i }: { r: Row; n: number; stale: boolean; i: number }) {
  const last = lastTime(r)
  const age = last > 0 ? stale ? when(last, n, true) : ago(last, n) : ''
  return <Link to={linkOf(r)} class="phone-row" data-row={i}><Glyph state={r.state} size={15} /><span class="two grow"><b class="cut"><Name text={r.name} /></b><Values r={r} /></span>
    <span class="two right"><span><Waits r={r} n={n} /></span><small>{r.state === 'online' ? age : `${STATE_WORDS[r.state]}${age ? ` · ${age}` : ''}`}</small></span></Link>
}
