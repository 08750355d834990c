import { useEffect, useRef, useState } from 'preact/hooks'
import type { Device, DeviceEvent, Failure, Mailbox, Message, Readings, SentCommand, Visit } from '../api'
import { call, devicePath, enc, get } from '../api'
import { isOperator } from '../app'
import { bytes, clock, count, iso, number, placesOf, safe, safeLine, span, title, unit, when, words } from '../format'
import { live, now, onRows, show, useStore } from '../live'
import { useMessages } from '../messages'
import { useLook, usePoll } from '../poll'
import { go, place, setQuery } from '../route'
import { Age, Bars, Button, Dialog, Empty, Failed, Icon, Link, Loading, Name, NoteCard, StateBadge, Tabs } from '../ui'
import { Chart } from './chart'
import { CommandForm, Timeline } from './command'

const RANGES: [string, number][] = [['15 min', 900_000], ['1 h', 3_600_000], ['6 h', 21_600_000], ['24 h', 86_400_000]]
const COLOURS = ['--accent', '--series2', '--series3'] as const
const LEAST = words<number>({ Cel: 1, '%RH': 5, hPa: 2, Pa: 200, '%EL': 5, dBm: 6, V: 0.2 })

export function DevicePage({ name_: name, tab }: { name_: string; tab: string }) {
  const { query } = useStore(place)
  const prefix = query.get('prefix') ?? 'dm'
  const [device, setDevice] = useState<Device | null>(null)
  const [sent, setSent] = useState<SentCommand[]>([])
  const [asking, setAsking] = useState(false)
  const [rev, setRev] = useState(0)
  const { failure, look } = useLook(() => get<Device>(devicePath({ name, prefix })), setDevice, [name, prefix])
  const { look: lookSent } = useLook(() => get<SentCommand[]>(devicePath({ name, prefix }, '/commands')), setSent, [name, prefix])
  const load = () => { void look(); void lookSent() }
  useEffect(() => { show([`${prefix}/${name}`]); return () => show([]) }, [name, prefix])
  // A second's worth of changes is one look. What comes while nobody sees the page is looked for when somebody does.
  useEffect(() => {
    let wait = 0
    const off = onRows((rows) => { if (rows.some((r) => r.name === name && r.prefix === prefix) && wait === 0 && !document.hidden) wait = window.setTimeout(() => { wait = 0; load(); setRev((n) => n + 1) }, 100) })
    return () => { off(); clearTimeout(wait) }
  }, [name, prefix])

  if (failure?.status === 404) return <div class="page"><Crumbs group="" /><Empty icon="devices" title={`No device is called ${safeLine(name, 40)}`}><p>It was forgotten, or it has another name. A board that is added appears with its name before it is flashed.</p><div class="row center wrap"><Link to="/devices" class="button">To the devices</Link>{isOperator() && <Link to="/add" class="button primary"><Icon name="plus" />Add a device</Link>}</div></Empty></div>
  if (failure && !device) return <div class="page"><Crumbs group="" /><Failed failure={failure} retry={load} /></div>
  if (!device) return <div class="page"><Loading what={name} /></div>
  const base = `/devices/${enc(name)}`, suffix = prefix === 'dm' ? '' : `?prefix=${enc(prefix)}`
  const r = device.row
  return <div class="page device-page">
    <Crumbs group={r.group} />
    <header class="head"><h1><Name text={r.name} most={40} /></h1><StateBadge state={r.state} /><span class="grow" />
      {isOperator() && <Button icon="follow" class="only-wide" onClick={() => go(`/messages/watch?filter=${enc(`${r.prefix}/${r.name}/#`)}`)}>Follow its messages</Button>}
      <Button icon="search" class="only-wide" onClick={() => go(`/messages/trace?client=${enc(r.clientId)}`)}>Where did they go?</Button>
      <Button icon="trash" label="Forget this device" disabled={!isOperator() || r.state === 'online'} title={r.state === 'online' ? 'It is connected' : 'Forget this device'} onClick={() => setAsking(true)} /></header>
    {failure && <Failed failure={failure} retry={load} />}
    <Sentence device={device} />
    {device.notes.map((x) => <NoteCard key={x.id} note={{ ...x, device: '' }} />)}
    <Facts device={device} />
    <Tabs base={base} query={suffix} at={tab} tabs={[['', 'Overview'], ['events', <>Events {device.events.length > 0 && <small>{device.events.length}</small>}</>], ['commands', 'Commands'], ['messages', 'Messages'], ['presence', 'Presence'], ['settings', 'Settings']].map(([id, label]) => [id as string, label] as [string, preact.ComponentChildren])} />
    {suffix !== '' && <p class="muted small">Its topics begin with {safeLine(prefix, 60)}/.</p>}
    {tab === 'events' ? <Events events={device.events} />
      : tab === 'commands' ? <div class="columns"><section class="card pad"><h2>Send a command</h2><CommandForm device={device} sent={[]} changed={load} /></section><div class="stack"><Waiting device={device} sent={sent} changed={load} /><section class="card pad"><h2>Last commands</h2>{sent.length === 0 ? <p class="muted">No command yet. What anybody sends from the console or the API stands here.</p> : sent.map((c) => <Timeline key={c.id} c={c} device={device} />)}</section></div></div>
        : tab === 'messages' ? <Raw filter={`${prefix}/${name}/#`} />
          : tab === 'presence' ? <Presence device={device} />
            : tab === 'settings' ? <Birth device={device} />
              : <Overview device={device} sent={sent} rev={rev} load={load} allEvents={`${base}/events${suffix}`} />}
    {asking && <Forget device={device} close={() => setAsking(false)} />}
  </div>
}
const Crumbs = ({ group }: { group: string }) => <nav class="crumbs" aria-label="Where this is"><Link to="/devices">Devices</Link>{group && <> / <Link to={`/devices?q=${enc('group:' + group)}`}><Name text={group} /></Link></>}</nav>

function Sentence({ device }: { device: Device }) {
  const n = useStore(now), l = useStore(live)
  const r = device.row
  const heard = r.heard > 0 ? <> Last heard <b><Age t={r.heard} /></b>.</> : null
  if (r.state === 'online') return <p class="sentence"><b>Online{r.since > 0 && !l.stale ? ` for ${span(n - r.since)}` : ''}</b>{r.since > 0 && `, since ${when(r.since, n)}`}: {r.why}{r.address && ` from ${r.address}`}.{heard}</p>
  if (r.state === 'asleep') return <p class="sentence"><b>Asleep until {when(r.until, n)}</b>.{heard} What you send waits in its mailbox.</p>
  if (r.state === 'overdue') return <p class="sentence"><b>{l.stale ? 'Overdue' : `${span(n - r.until)} late`}</b>: it was to wake at {when(r.until, n)}.{heard}</p>
  if (r.state === 'never') return <p class="sentence"><b>Never seen.</b> It was added and has not been here. Flash it, and look whether it finds the Wi-Fi.</p>
  return <p class="sentence"><b>Offline{r.since > 0 && !l.stale ? ` for ${span(n - r.since)}` : ''}</b>{r.since > 0 && `, since ${when(r.since, n)}`}: {r.why}.{heard}</p>
}
function Facts({ device }: { device: Device }) {
  const n = useStore(now)
  const r = device.row
  const total = device.received + device.lost
  return <dl class="facts card">
    <div><dt>Signal</dt><dd>{r.rssi === undefined ? <span class="muted">not told</span> : <><Bars dbm={r.rssi} /> dBm</>}</dd></div>
    <div><dt>Battery</dt><dd>{r.battery === undefined ? <span class="muted">none</span> : <>{number(r.battery)} {unit(r.batteryUnit ?? '')}</>}</dd></div>
    <div><dt>Firmware</dt><dd>{r.firmware ? safeLine(r.firmware, 24) : '–'} <small>{safeLine(r.board, 40)}</small></dd></div>
    <div><dt>Last start</dt><dd>{device.booted > 0 ? when(device.booted, n) : '–'} <small>{safeLine(device.reset, 24)}</small></dd></div>
    <div><dt>Lost</dt><dd>{count(device.lost)} <small>of {count(total)}</small></dd></div>
    <div><dt>Waiting for it</dt><dd>{r.waiting === 0 ? 'none' : <>{r.waiting} {r.waitingExpires > n && <small title="Until the first of them expires">{span(r.waitingExpires - n)} left</small>}</>}</dd></div>
  </dl>
}

/** On a phone the commands stand below the charts: one touch away from wherever one reads. */
function CommandJump() {
  const [isFar, setIsFar] = useState(true)
  useEffect(() => {
    const card = document.getElementById('command')
    if (!card) return
    const seen = new IntersectionObserver(([e]) => setIsFar(!e.isIntersecting))
    seen.observe(card)
    return () => seen.disconnect()
  }, [])
  return isFar ? <Button kind="primary" icon="send" class="jump only-narrow" onClick={() => document.getElementById('command')?.scrollIntoView({ block: 'center' })}>Command</Button> : null
}
function Overview({ device, sent, rev, load, allEvents }: { device: Device; sent: SentCommand[]; rev: number; load: () => void; allEvents: string }) {
  return <div class="columns wide-left"><Charts device={device} rev={rev} />
    <div class="side">
      <section class="card pad" id="command"><header class="card-head"><h2>Send a command</h2><small>{device.commands.length} known</small></header><CommandForm device={device} sent={sent} changed={load} /></section><CommandJump />
      <section class="card pad"><header class="card-head"><h2>Presence</h2>{device.row.state !== 'never' && <small>since {when(breaks(device).from, device.now)}</small>}</header>{device.row.state === 'never' ? <p class="muted">It has not been here yet.</p> : <PresenceBar device={device} />}</section>
      <section class="card pad"><header class="card-head"><h2>Last events</h2>{device.events.length > 5 && <Link to={allEvents}>all {device.events.length}</Link>}</header>
        {device.events.length === 0 ? <p class="muted">No event yet. A button, a relay or a start tells one.</p> : <EventLines events={device.events.slice(0, 5)} />}</section>
    </div></div>
}

function Charts({ device, rev }: { device: Device; rev: number }) {
  const { query } = useStore(place)
  const n = useStore(now), l = useStore(live)
  const range = Number(query.get('range')) || 900_000
  const [zoom, setZoom] = useState<[number, number] | null>(null)
  const [data, setData] = useState<Record<string, Readings>>({})
  const box = useRef<HTMLDivElement>(null)
  const streams = device.streams.map((s) => s.name)
  const { failure, look: load } = useLook(async () => {
    const points = Math.max(100, Math.min(2000, box.current?.clientWidth ?? 600))
    const span_ = zoom ? `&from=${Math.round(zoom[0])}&to=${Math.round(zoom[1])}` : `&from=${Math.round(device.now - range)}`
    return Object.fromEntries(await Promise.all(streams.map(async (s) => [s, await get<Readings>(devicePath(device.row, `/readings?stream=${enc(s)}&points=${points}${span_}`))] as const)))
  }, setData, [streams.join('|'), range, zoom])
  // What a long range shows changes slowly.
  const turn = Math.floor(rev / (range > 3_600_000 ? 15 : 1))
  useEffect(() => { if (turn > 0) void load() }, [turn])
  const set = (ms: number) => { setZoom(null); setQuery({ range: ms === 900_000 ? undefined : String(ms) }) }
  const metrics = Object.entries(data).flatMap(([stream, r]) => r.metrics.map((m) => ({ stream, r, m })))
  // A gateway that has just begun to listen does not show hours in which it knew nothing.
  const first = Math.min(...metrics.map((x) => x.m.points[0]?.[0] ?? Infinity))
  const to = zoom ? zoom[1] : l.stale ? l.asOf : n
  const from = zoom ? zoom[0] : Math.min(to - 120_000, Math.max(to - range, Number.isFinite(first) ? first - 10_000 : 0))
  return <div ref={box} class="charts"><div class="chart-tools"><span class="segments" role="group" aria-label="How far back">{RANGES.map(([label, ms]) => <button key={ms} aria-pressed={!zoom && range === ms} onClick={() => set(ms)}>{label}</button>)}</span>
    {zoom && <Button onClick={() => setZoom(null)}>Back to live</Button>}
    <span class="legend"><span><svg width="22" height="8" aria-hidden="true"><circle cx="5" cy="4" r="3" class="late" /><circle cx="15" cy="4" r="3" class="late" /></svg>arrived late</span><span><span class="hatch" />no reading</span></span></div>
    {failure && <Failed failure={failure} retry={load} />}
    {streams.length === 0 ? <div class="card"><Empty icon="health" title="No reading yet"><p>Readings of the last hours appear here as they come. {device.row.state === 'online' ? 'It is connected, and has not measured yet.' : ''}</p></Empty></div>
      : metrics.map(({ stream, r, m }, i) => {
        const values = m.points.map((p) => p[2]).filter(Number.isFinite), last = device.streams.find((s) => s.name === stream)?.metrics.find((x) => x.name === m.name)
        const places = placesOf(m.unit)
        const colour = COLOURS[i % COLOURS.length]
        const total = m.points.reduce((s, p) => s + p[4], 0), mean = total > 0 ? m.points.reduce((s, p) => s + p[2] * p[4], 0) / total : NaN
        return <section key={stream + m.name} class="card chart-card"><header><h2>{safeLine(title(m.name), 40)}</h2><span class={`big c${i % 3}`}>{last ? number(last.value, places) : '–'}</span><span class="muted">{unit(m.unit)}</span>
          <span class="stats">{values.length > 0 && <>min {number(Math.min(...m.points.map((p) => p[1])), places)} · mean {number(mean, places)} · max {number(Math.max(...m.points.map((p) => p[3])), places)}</>}{last && <> · <Age t={last.time} />{last.guessed && <span title="The board has no clock: the time is when it arrived"> ≈</span>}</>}</span></header>
          <Chart points={m.points} intervalMs={r.intervalMs} stepMs={r.stepMs} from={from} to={to} colour={colour} leastSpan={LEAST[m.unit] ?? Math.max(1e-6, Math.abs(mean || 1) * 0.02)} label={`${title(m.name)} over time, ${values.length} points`} syncKey={`d-${device.row.name}`} onZoom={(a, b) => setZoom([a, b])} />
          <details class="table-of"><summary>Table</summary><DataTable points={m.points.slice(-200)} name={m.name} unit_={m.unit} file={`${device.row.name}-${stream}-${m.name}.csv`} all={m.points} /></details></section>
      })}</div>
}
function DataTable({ points, all, name, unit_, file }: { points: number[][]; all: number[][]; name: string; unit_: string; file: string }) {
  const csv = () => {
    const text = ['time,min,mean,max,count,late', ...all.map((p) => [iso(p[0]) ?? '', ...p.slice(1)].join(','))].join('\n') + '\n'
    const a = document.createElement('a')
    a.href = URL.createObjectURL(new Blob([text], { type: 'text/csv' }))
    a.download = file
    a.click()
    URL.revokeObjectURL(a.href)
  }
  return <><div class="scroll"><table><thead><tr><th>Time</th><th>{safeLine(title(name), 40)}{unit_ && `, ${unit(unit_)}`}</th><th /></tr></thead><tbody>{[...points].reverse().map((p) => <tr key={p[0]}><td>{clock(p[0])}</td><td>{number(p[2])}{p[3] > p[1] && <small> ({number(p[1])} to {number(p[3])})</small>}</td><td>{p[5] ? <small>late</small> : ''}</td></tr>)}</tbody></table></div><Button onClick={csv}>Download as CSV</Button></>
}

function eventText(e: DeviceEvent): preact.ComponentChildren {
  if (e.name === 'start') return <>started: <b>{safeLine(e.text || 'unknown', 40)}</b></>
  try {
    const v = JSON.parse(e.text) as Record<string, unknown>
    if (e.name === 'sensor') return <>sensor {safeLine(String(v.sensor), 40)} <b>{v.err === 0 ? 'works again' : `failed (${safeLine(String(v.err), 40)})`}</b></>
    const rest = Object.entries(v).filter(([k]) => !['n', 't', 'up', 'b', 'h'].includes(k))
    return <>{safeLine(e.name, 40)} {rest.map(([k, x]) => <b key={k}>{x === true ? (k === 'on' ? 'on' : safeLine(k, 32)) : x === false ? (k === 'on' ? 'off' : `not ${safeLine(k, 32)}`) : `${safeLine(k, 32)} ${safeLine(String(x), 60)}`} </b>)}</>
  } catch { return <>{safeLine(e.name, 40)} <code>{safeLine(e.text, 80)}</code></> }
}
const EventLines = ({ events }: { events: DeviceEvent[] }) => { const n = useStore(now); return <ul class="lines">{events.map((e) => <li key={e.number}><span class="grow cut">{eventText(e)}</span>{e.late && <small class="tag">late</small>}<small>{when(e.time, n, true)}</small></li>)}</ul> }
const Events = ({ events }: { events: DeviceEvent[] }) => events.length === 0 ? <Empty icon="clock" title="No event yet"><p>A button, a relay, an alarm or a start of the board tells one. The last 50 are kept.</p></Empty> : <section class="card pad"><EventLines events={events} /></section>

function breaks(device: Device): { from: number; to: number; spans: { a: number; b: number; visit?: Visit; isOn: boolean }[] } {
  // Before its first contact there is nothing to be away from.
  const to = device.now, from = Math.max(device.started, to - 86_400_000, device.visits.length < 24 ? device.visits[0]?.from ?? 0 : 0)
  const spans: { a: number; b: number; visit?: Visit; isOn: boolean }[] = []
  let at = from, last: Visit | undefined
  for (const v of device.visits) {
    const end = v.to === 0 ? to : v.to
    if (end <= from) { last = v; continue }
    if (v.from > at) spans.push({ a: at, b: v.from, visit: last, isOn: false })
    spans.push({ a: Math.max(at, v.from), b: end, visit: v, isOn: true })
    at = Math.max(at, end); last = v
  }
  if (at < to) spans.push({ a: at, b: to, visit: last, isOn: false })
  return { from, to, spans: spans.filter((s) => s.b > s.a) }
}
function PresenceBar({ device }: { device: Device }) {
  const { from, to, spans } = breaks(device)
  const whole = Math.max(1, to - from), on = spans.filter((s) => s.isOn).reduce((sum, s) => sum + s.b - s.a, 0)
  const off = spans.filter((s) => !s.isOn && s.b - s.a > 500), longest = Math.max(0, ...off.map((s) => s.b - s.a))
  return <><svg class="presence" viewBox="0 0 1000 20" preserveAspectRatio="none" role="img" aria-label={`${Math.round(on / whole * 100)} % online`}>
    <defs><pattern id="stripes" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect width="8" height="8" class="away-bg" /><rect width="3.5" height="8" class="away" /></pattern></defs>
    {spans.map((s, i) => <rect key={i} x={(s.a - from) / whole * 1000} width={Math.max(1, (s.b - s.a) / whole * 1000)} height="20" class={s.isOn ? 'on' : ''} fill={s.isOn ? undefined : 'url(#stripes)'}><title>{`${clock(s.a)} – ${clock(s.b)}: ${s.isOn ? 'online' : s.visit?.reason ?? 'not here yet'}`}</title></rect>)}</svg>
    <p class="muted small">{Math.floor(on / whole * 100)} % online · {off.length === 0 ? 'no break' : `${off.length} ${off.length === 1 ? 'break' : 'breaks'}, the longest ${span(longest)}`}</p></>
}
function Presence({ device }: { device: Device }) {
  const n = useStore(now)
  if (device.visits.length === 0) return <Empty icon="clock" title="Not here since the gateway started"><p>The gateway started at {when(device.started, n)}. Each connection stands here with how it ended.</p></Empty>
  return <section class="card pad"><PresenceBar device={device} /><table><thead><tr><th>From</th><th>To</th><th>For</th><th>Address</th><th>Ended because</th></tr></thead><tbody>
    {[...device.visits].reverse().map((v) => <tr key={v.from}><td>{when(v.from, n, true)}</td><td>{v.to === 0 ? <b>now</b> : when(v.to, n, true)}</td><td class="nowrap">{span((v.to || n) - v.from)}</td><td>{v.address}</td><td>{v.reason}{v.detail && <small> {safeLine(v.detail, 120)}</small>}</td></tr>)}</tbody></table></section>
}
function Birth({ device }: { device: Device }) {
  const r = device.row
  const lines: [string, preact.ComponentChildren][] = [['Client Identifier', <code>{safeLine(r.clientId, 200)}</code>], ['Topics', <code>{safeLine(`${r.prefix}/${r.name}/`, 100)}</code>], ['Board', r.board ? safeLine(r.board, 60) : 'not told'], ['Commands at once', device.window],
  ...device.streams.map((s) => [`Stream ${safeLine(s.name, 40)}`, <>{s.intervalMs > 0 ? `each ${s.intervalMs < 10_000 ? `${number(Math.max(0.1, Math.round(s.intervalMs / 100) / 10))} s` : span(s.intervalMs)}` : 'one reading so far'}: {s.metrics.map((m) => `${title(m.name)}${m.unit ? ` in ${unit(m.unit)}` : ''}`).join(', ')}</>] as [string, preact.ComponentChildren]),
  ['Clock', device.streams.some((s) => s.metrics.some((m) => m.guessed)) ? 'none: times are when readings arrived' : 'set'], ['Sensors that do not work', device.failed.length === 0 ? 'none' : device.failed.map((f) => safeLine(f, 40)).join(', ')]]
  const interval = device.commands.find((c) => c.name === 'interval.set')
  return <div class="columns"><section class="card pad"><h2>What it says of itself</h2><dl class="pairs">{lines.map(([k, v]) => <div key={k}><dt>{k}</dt><dd>{v}</dd></div>)}</dl></section>
    {interval && <section class="card pad"><h2>How often it measures</h2><CommandForm device={{ ...device, commands: [interval] }} sent={[]} changed={() => { }} /></section>}</div>
}

function Raw({ filter }: { filter: string }) {
  const [lines, setLines] = useState<Message[]>([])
  const [paused, setPaused] = useState(false)
  const cut = useMessages(filter, paused, (m) => setLines((before) => [m, ...before].slice(0, 200)))
  if (!isOperator()) return <Empty icon="messages" title="Payloads need role operator"><p>Your role sees states and readings.</p></Empty>
  return <section class="card pad"><header class="card-head"><h2>As they come</h2><Button onClick={() => setPaused(!paused)}>{paused ? 'Go on' : 'Pause'}</Button></header>
    {lines.length === 0 ? <p class="muted">Nothing has come on <code>{safeLine(filter, 100)}</code> since you opened this page.</p> : <ul class="raw">{lines.map((m, i) => <li key={lines.length - i}><small>{clock(m.time)}</small><code class="topic">{safeLine(m.topic, 200)}</code><code class="payload">{m.text !== undefined ? safe(m.text, 1000) : `${m.bytes} bytes that are no text`}</code></li>)}</ul>}
    {cut > 0 && <p class="muted small">The connection was cut at {clock(cut)}: what came until it was back is missing.</p>}</section>
}

/** What is in its mailbox, whoever sent it. */
function Waiting({ device, sent, changed }: { device: Device; sent: SentCommand[]; changed: () => void }) {
  const n = useStore(now)
  const { data, load } = usePoll<Mailbox>(devicePath(device.row, '/mailbox'), 5_000)
  const [failure, setFailure] = useState<Failure | null>(null)
  useEffect(() => { void load() }, [device.row.waiting])
  const takeBack = (id: string, from = '') => { setFailure(null); call('DELETE', devicePath(device.row, `/mailbox/${enc(id)}?from=${enc(from)}`)).catch((x) => setFailure(x as Failure)).finally(() => { void load(); changed() }) }
  if (!data || (data.count === 0 && !failure)) return null
  return <section class="card pad"><header class="card-head"><h2>In its mailbox</h2><small>{count(data.count)} waiting</small></header>{failure && <Failed failure={failure} />}
    <ul class="lines">{data.first.map((m, i) => {
      // What was sent from here or over the API is known with who sent it; anything else by its sender.
      const known = sent.find((c) => c.id === m.id), since = m.accepted || (known?.sent ?? 0)
      return <li key={m.id ?? i}><span class="grow two"><span class="break">{m.command ? <><code>{safeLine(m.command, 40)}</code>{(known || m.from) && <> from <bdi>{safeLine(known?.user ?? m.from!, 60)}</bdi></>}</> : `${bytes(m.bytes)}, no command`}</span>
        <small>{[since > 0 && `since ${when(since, n, true)}`, m.expires > n && `expires in ${span(m.expires - n)}`].filter(Boolean).join(' · ')}{m.id && <> <Link to={`/messages/trace?command=${enc(m.id)}`} class="nowrap">Where is it?</Link></>}</small></span>
        {m.id && isOperator() && <Button title="It is dropped, and does not reach the device" onClick={() => takeBack(m.id!, m.from)}>Take back</Button>}</li>
    })}</ul>
    {data.count > data.first.length && <p class="muted small">and {count(data.count - data.first.length)} more</p>}</section>
}

function Forget({ device, close }: { device: Device; close: () => void }) {
  const [text, setText] = useState('')
  const [failure, setFailure] = useState<Failure | null>(null)
  const forget = async () => {
    try {
      if (device.row.state !== 'never') await call('DELETE', devicePath(device.row))
      await call('DELETE', `/provision/${enc(device.row.name)}`).catch((x: Failure) => { if (x.status !== 404 && x.status !== 400) throw x })
      go('/devices')
    } catch (x) { setFailure(x as Failure) }
  }
  return <Dialog title={`Forget ${safeLine(device.row.name, 40)}?`} close={close}><p>Its birth, its readings and its user go. It gets in no more until it is added again. Type its name to say that you mean it.</p>
    <label class="stack">Name<input value={text} onInput={(e) => setText((e.target as HTMLInputElement).value)} autofocus /></label>{failure && <Failed failure={failure} />}
    <div class="row end"><Button onClick={close}>Keep it</Button><Button kind="danger" icon="trash" disabled={text !== device.row.name} onClick={forget}>Forget it</Button></div></Dialog>
}
