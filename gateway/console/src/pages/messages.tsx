import { useEffect, useRef, useState } from 'preact/hooks'
import type { Failure, Message, Topic, Topics } from '../api'
import { call, enc, get, post } from '../api'
import { isOperator, session } from '../app'
import { bytes, clock, count, hex, mosquitto, safe, safeLine, when } from '../format'
import { live, now, useStore } from '../live'
import { go, place, setQuery } from '../route'
import { useMessages } from '../messages'
import { useEvery, useLook } from '../poll'
import { Trace } from './trace'
import { Age, Button, CopyButton, Dialog, Empty, Failed, Icon, Loading, Tabs } from '../ui'

export function Messages({ tab }: { tab: string }) {
  const [publishing, setPublishing] = useState(false)
  return <div class="page"><header class="head"><h1>Messages</h1><span class="grow" /><Button kind="primary" icon="send" disabled={!isOperator()} title={isOperator() ? undefined : 'Needs role operator'} onClick={() => setPublishing(true)}>Publish</Button></header>
    <Tabs base="/messages" at={tab} tabs={[['', 'Topics'], ['watch', 'Watch'], ['retained', 'Retained'], ['trace', 'Where is it?']]} />
    {tab === 'watch' ? <Watch /> : tab === 'retained' ? <RetainedList /> : tab === 'trace' ? <Trace /> : <Tree />}
    {publishing && <Publish close={() => setPublishing(false)} />}</div>
}

function Tree() {
  const { query } = useStore(place)
  const chosen = query.get('topic') ?? ROOT
  const [open, setOpen] = useState<Set<string>>(() => new Set([ROOT, ...above(chosen)]))
  const [levels, setLevels] = useState<ReadonlyMap<string, Topics>>(new Map())
  const rates = useRef(new Map<string, { n: number; t: number; rate: number }>())
  const paths = [...open].filter((p) => p === ROOT || [...open].some((q) => q === parentOf(p)))
  const key = paths.join('\n')
  const { failure, look: load } = useLook(() => Promise.all(paths.map((p) => get<Topics>(p === ROOT ? '/topics' : `/topics?parent=${enc(p)}`))), (all) => {
    for (const t of all) for (const l of t.levels) {
      const b = rates.current.get(l.path)
      if (!b || t.now - b.t > 1500) rates.current.set(l.path, { n: l.count, t: t.now, rate: b ? (l.count - b.n) / ((t.now - b.t) / 1000) : 0 })
    }
    setLevels((before) => new Map([...before, ...all.map((t) => [t.parent ?? ROOT, t] as const)]))
  }, [key])
  useEvery(2000, load, [key])
  const root = levels.get(ROOT)
  const find = (path: string): Message | undefined => levels.get(parentOf(path))?.levels.find((l) => l.path === path)?.message
  const toggle = (t: Topic) => { const next = new Set(open); if (next.has(t.path)) { for (const p of [...next]) if (p === t.path || p.startsWith(t.path + '/')) next.delete(p) } else next.add(t.path); setOpen(next) }
  if (failure && !root) return <Failed failure={failure} retry={load} />
  if (!root) return <Loading what="the topics" />
  if (root.levels.length === 0) return <Empty icon="messages" title={`No message since ${when(root.since, root.now)}`}><p>The tree shows what is retained, and every topic that a message comes on while you look. Publish one, or connect a client.</p></Empty>
  const draw = (parent: string, depth: number): preact.ComponentChildren => levels.get(parent)?.levels.map((t) => {
    const isOpen = open.has(t.path), rate = rates.current.get(t.path)?.rate ?? 0
    return <li key={t.path} role="treeitem" aria-expanded={t.hasChildren ? isOpen : undefined} aria-selected={chosen === t.path}>
      <button class={`branch ${chosen === t.path ? 'chosen' : ''}`} style={{ paddingLeft: `${depth * 18 + 8}px` }} onClick={() => { if (t.hasChildren) toggle(t); if (t.message) setQuery({ topic: t.path }) }}>
        <span class="twist">{t.hasChildren && <Icon name={isOpen ? 'down' : 'right'} size={14} />}</span><b class="cut"><bdi>{t.level === '' ? '(empty)' : safeLine(t.level, 60)}</bdi></b>
        {t.message ? <span class="preview cut">{preview(t.message)}</span> : <span class="preview muted">{count(t.topics)} {t.topics === 1 ? 'topic' : 'topics'}</span>}
        <small>{rate >= 0.05 ? `${rate < 10 ? rate.toFixed(1) : Math.round(rate)}/s` : ''}</small></button>
      {isOpen && t.hasChildren && <ul role="group">{draw(t.path, depth + 1)}</ul>}</li>
  })
  const message = chosen === ROOT ? undefined : find(chosen)
  return <div class={`columns tree-columns ${message ? 'has-detail' : ''}`}><section class="card"><ul class="tree" role="tree" aria-label="Topics">{draw(ROOT, 0)}</ul>
    <p class="muted small pad">{count(root.known)} topics since {when(root.since, root.now)}{root.notKept > 0 ? `; ${count(root.notKept)} found no room` : ''}.</p></section>
    {message ? <Detail message={message} back={() => setQuery({ topic: undefined })} /> : <section class="card pad only-wide muted">Choose a topic to see its last message.</section>}</div>
}
/** The path of the root: no topic has that character. An empty path is the level without a name below it, where topics begin with a slash. */
const ROOT = '\0'
/** The levels above a topic: open, when a link leads to it. */
const above = (topic: string) => topic.split('/').slice(0, -1).map((_, i, all) => all.slice(0, i + 1).join('/'))
const parentOf = (p: string) => p === ROOT ? '' : p.includes('/') ? p.slice(0, p.lastIndexOf('/')) : ROOT
const preview = (m: Message) => m.bytes === 0 ? <span class="muted">empty</span> : m.text !== undefined ? <code>{safeLine(m.text, 120)}</code> : m.base64 !== undefined ? <span class="muted">{bytes(m.bytes)}, no text</span> : <span class="muted">{bytes(m.bytes)}</span>

function Detail({ message: m, back }: { message: Message; back?: () => void }) {
  const pretty = prettyOf(m)
  const [as, setAs] = useState<'pretty' | 'raw' | 'hex'>(pretty !== null ? 'pretty' : m.text !== undefined ? 'raw' : 'hex')
  const [all, setAll] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  useEffect(() => { setAs(pretty !== null ? 'pretty' : m.text !== undefined ? 'raw' : 'hex'); setAll(false) }, [m.topic])
  const text = as === 'hex' ? hex(m.base64 ?? btoa(String.fromCharCode(...new TextEncoder().encode((m.text ?? '').slice(0, 4096))))) : as === 'pretty' && pretty !== null ? pretty : m.text ?? ''
  const hidden = m.text === undefined && m.base64 === undefined && m.bytes > 0
  return <section class="card pad detail"><header class="card-head">{back && <Button kind="quiet" icon="left" label="Back to the topics" class="only-narrow" onClick={back} />}<h2 class="break"><bdi>{safeLine(m.topic, 500)}</bdi></h2></header>
    <p class="muted small">QoS {m.qoS}{m.retained && ' · retained'} · {bytes(m.bytes)} · {m.time > 0 ? <Age t={m.time} /> : 'before this run'}</p>
    {hidden ? <p class="notice info"><Icon name="info" /><span>Payloads need role operator.</span></p> : m.bytes === 0 ? <p class="muted">The payload is empty.</p> : <>
      <div class="row"><span class="segments" role="group" aria-label="How to show it">{(['pretty', 'raw', 'hex'] as const).map((x) => <button key={x} aria-pressed={as === x} disabled={(x === 'pretty' && pretty === null) || (x === 'raw' && m.text === undefined)} onClick={() => setAs(x)}>{x.charAt(0).toUpperCase() + x.slice(1)}</button>)}</span></div>
      <pre class="code payload-box">{as === 'hex' ? text : safe(text, all ? 1_000_000 : 4096)}</pre>
      {!all && as !== 'hex' && text.length > 4096 && <Button onClick={() => setAll(true)}>Show all {bytes(m.bytes)}</Button>}</>}
    {failure && <Failed failure={failure} />}
    <div class="row wrap"><Button icon="follow" onClick={() => go(`/messages/trace?filter=${enc(m.topic)}`)}>Where did it go?</Button><CopyButton text={m.topic}>Copy topic</CopyButton>{!hidden && <CopyButton text={() => mosquitto(session.value?.user ?? 'USER', m.topic, m, m.qoS, m.retained)}>Copy as mosquitto_pub</CopyButton>}
      {m.retained && isOperator() && <Button kind="danger" icon="trash" onClick={() => call('DELETE', `/retained?topic=${enc(m.topic)}`).then(() => back?.(), (x) => setFailure(x as Failure))}>Remove</Button>}</div></section>
}
function prettyOf(m: Message): string | null {
  if (m.text === undefined || m.text.length > 65536 || !/^\s*[[{]/.test(m.text)) return null
  try { return JSON.stringify(JSON.parse(m.text), null, 2) } catch { return null }
}

function Watch() {
  const { query } = useStore(place)
  const filter = query.get('filter') ?? 'dm/#'
  const [text, setText] = useState(filter)
  const [lines, setLines] = useState<(Message & { key: number })[]>([])
  const [skipped, setSkipped] = useState(0)
  const [paused, setPaused] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  const [chosen, setChosen] = useState<Message | null>(null)
  const key = useRef(0)
  useEffect(() => { setFailure(null); setLines([]); setSkipped(0); setText(filter) }, [filter])
  const cut = useMessages(filter, paused, (m) => {
    if (m.skipped > 0) setSkipped((n) => n + m.skipped)
    setLines((before) => [{ ...m, key: key.current++ }, ...before].slice(0, 300))
  }, setFailure)
  if (!isOperator()) return <Empty icon="messages" title="Payloads need role operator"><p>Your role sees states and readings.</p></Empty>
  return <><form class="row watch-tools" onSubmit={(e) => { e.preventDefault(); setQuery({ filter: text }) }}><label class="search grow"><Icon name="follow" size={16} /><input value={text} aria-label="Topic Filter" spellcheck={false} maxLength={1000} onInput={(e) => setText((e.target as HTMLInputElement).value)} /></label><Button onClick={() => setQuery({ filter: text })}>Watch</Button><Button onClick={() => setPaused(!paused)} aria-pressed={paused}>{paused ? 'Go on' : 'Pause'}</Button></form>
    {failure ? <Failed failure={failure} /> : lines.length === 0 ? <Empty icon="follow" title={`Watching ${safeLine(filter, 60)}`}><p>Messages appear here as they come, at most 20 a second. Nothing came yet.</p></Empty>
      : <div class={`columns tree-columns ${chosen ? 'has-detail' : ''}`}><section class="card"><ul class="raw" aria-live="off">{lines.map((m) => <li key={m.key}><button onClick={() => setChosen(m)}><small>{clock(m.time)}</small><code class="topic cut">{safeLine(m.topic, 200)}</code><span class="payload cut">{preview(m)}</span></button></li>)}</ul>
        <p class="muted small pad">The last {lines.length}{skipped > 0 && <>, {count(skipped)} skipped: narrow the filter to see each</>}.{cut > 0 && <> The connection was cut at {clock(cut)}: what came until it was back is missing.</>}</p></section>
        {chosen ? <Detail message={chosen} back={() => setChosen(null)} /> : <section class="card pad only-wide muted">Choose a message to see all of it.</section>}</div>}</>
}

function RetainedList() {
  const { query } = useStore(place)
  const filter = query.get('filter') ?? '#'
  const [text, setText] = useState(filter)
  const [items, setItems] = useState<Message[] | null>(null)
  const [more, setMore] = useState(false)
  const [total, setTotal] = useState(0)
  const [chosen, setChosen] = useState<Message | null>(null)
  const [wrong, setWrong] = useState<Failure | null>(null)
  type Page = { total: number; bytes: number; more: boolean; items: Message[] }
  const ask = (offset: number) => get<Page>(`/retained?filter=${enc(filter)}&offset=${offset}`)
  const shown = useRef(filter)
  shown.current = filter
  const add = (r: Page, before: Message[]) => { setItems([...before, ...r.items]); setMore(r.more); setTotal(r.total); setWrong(null) }
  useEffect(() => { setText(filter); setItems(null); setChosen(null) }, [filter])
  const { failure: refused, look: load } = useLook(() => ask(0), (r) => {
    add(r, [])
    setChosen((c) => c && (r.items.find((m) => m.topic === c.topic) ?? c))
  }, [filter])
  const next = (before: Message[]) => ask(before.length).then((r) => { if (shown.current === filter) add(r, before) }, (x) => setWrong(x as Failure))
  const failure = refused ?? wrong
  return <><form class="row watch-tools" onSubmit={(e) => { e.preventDefault(); setQuery({ filter: text }) }}><label class="search grow"><Icon name="search" size={16} /><input value={text} aria-label="Topic Filter" spellcheck={false} maxLength={1000} onInput={(e) => setText((e.target as HTMLInputElement).value)} /></label><Button onClick={() => setQuery({ filter: text })}>Find</Button></form>
    {failure ? <Failed failure={failure} /> : items === null ? <Loading what="what is retained" /> : items.length === 0 ? <Empty icon="messages" title="Nothing is retained here"><p>A message that is published with RETAIN stays, and every new subscriber gets it at once. {total > 0 ? `There are ${count(total)} on other topics; topics that begin with $ need a filter that does, like $SYS/#.` : ''}</p></Empty>
      : <div class={`columns tree-columns ${chosen ? 'has-detail' : ''}`}><section class="card"><ul class="raw">{items.map((m) => <li key={m.topic}><button onClick={() => setChosen(m)}><code class="topic cut">{safeLine(m.topic, 200)}</code><span class="payload cut">{preview(m)}</span></button></li>)}</ul><div class="pad row"><span class="muted small">{count(items.length)} of this filter, {count(total)} in all</span>{more && <Button onClick={() => next(items)}>More</Button>}</div></section>
        {chosen ? <Detail message={chosen} back={() => { setChosen(null); void load() }} /> : <section class="card pad only-wide muted">Choose a message to see all of it.</section>}</div>}</>
}

function Publish({ close }: { close: () => void }) {
  const [topic, setTopic] = useState(''), [text, setText] = useState(''), [qos, setQos] = useState(1), [retain, setRetain] = useState(false)
  const [failure, setFailure] = useState<Failure | null>(null)
  const [done, setDone] = useState('')
  const sign = useStore(live).sign
  const n = useStore(now)
  const send = async (e: Event) => {
    e.preventDefault(); setFailure(null); setDone('')
    try { const r = await post<{ hadSubscribers: boolean }>('/messages', { topic, text, qoS: qos, retain }); setDone(`Published at ${clock(n)}${r.hadSubscribers ? '' : '; nobody subscribes to it'}.`) } catch (x) { setFailure(x as Failure) }
  }
  return <Dialog title="Publish a message" close={close}><form class="stack" onSubmit={send}>
    <label>Topic<input class="mono" value={topic} required spellcheck={false} autofocus placeholder="dm/kitchen/note" onInput={(e) => setTopic((e.target as HTMLInputElement).value)} /></label>
    <label>Payload<textarea class="mono" rows={5} value={text} spellcheck={false} onInput={(e) => setText((e.target as HTMLTextAreaElement).value)} /></label>
    <div class="row wrap"><span class="segments" role="group" aria-label="QoS">{[0, 1, 2].map((x) => <button key={x} type="button" aria-pressed={qos === x} onClick={() => setQos(x)}>QoS {x}</button>)}</span><label class="check"><input type="checkbox" checked={retain} onChange={(e) => setRetain((e.target as HTMLInputElement).checked)} /> Retain</label></div>
    {failure && <Failed failure={failure} />}{done && <p class="notice ok" role="status"><Icon name="check" /><span>{done}</span></p>}
    <div class="row end"><CopyButton text={() => mosquitto(session.value?.user ?? 'USER', topic, { text }, qos, retain)}>Copy as mosquitto_pub</CopyButton><button class="button primary" disabled={sign !== 'live'}><Icon name="send" />Publish</button></div></form></Dialog>
}
