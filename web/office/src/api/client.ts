// SPDX-License-Identifier: AGPL-3.0-or-later
// The one door to the server: fetch with the CSRF header, If-Match and one shape of error;
// uploads with progress; events of a job.  Nothing here knows a page.

import type { ErrorBody, ErrorField, Job, Rec } from './types'

export const API = '/api/v1/'

export type Query = Record<string, string | number | boolean | null | undefined | string[]>

/** What went wrong, in the user's words; status 0 = the server was not reached. */
export class ApiError extends Error {
  constructor(
    readonly status: number, readonly code: string, text: string,
    readonly fields: ErrorField[] = [], readonly place: string | null = null,
    readonly current: Rec | null = null, readonly retryAfter: number | null = null,
    readonly detail: string | null = null
  ) {
    super(text)
  }
  get offline(): boolean { return this.status === 0 }
  get forbidden(): boolean { return this.status === 403 }
}

interface ClientState { csrf: string; lang: string; signedOut: () => void }
const state: ClientState = { csrf: '', lang: 'zh', signedOut: () => undefined }

export function clientUse(part: Partial<ClientState>): void {
  Object.assign(state, part)
}

/** Address of a route with its query: also for links to files and prints. */
export function apiUrl(path: string, query: Query = {}): string {
  const q = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value === null || value === undefined || value === '' || value === false) continue
    if (Array.isArray(value)) value.forEach(v => q.append(name, v))
    else q.append(name, String(value))
  }
  const text = q.toString()
  return API + path + (text ? '?' + text : '')
}

function headers(method: string, version?: number): Record<string, string> {
  const h: Record<string, string> = { Accept: 'application/json', 'Accept-Language': state.lang }
  if (method !== 'GET') h['X-CSRF-Token'] = state.csrf
  if (version) h['If-Match'] = `"v${version}"`
  return h
}

function fault(status: number, text: string, retryAfter: string | null): ApiError {
  let body: { error?: ErrorBody; current?: Rec } = {}
  try { body = JSON.parse(text) } catch { /* not ours: a proxy's page */ }
  const e = body.error
  if (status === 401 && e?.code === 'UNAUTHENTICATED') state.signedOut()
  return new ApiError(status, e?.code ?? 'HTTP_' + status, e?.text ?? '', e?.fields ?? [],
    e?.place ?? null, body.current ?? null, retryAfter ? Number(retryAfter) : null, e?.detail ?? null)
}

interface Options { query?: Query; body?: unknown; version?: number; signal?: AbortSignal; plain?: boolean }

async function call<T>(method: string, path: string, o: Options = {}): Promise<T> {
  const h = headers(method, o.version)
  if (o.body !== undefined) h['Content-Type'] = 'application/json'
  let answer: Response
  try {
    answer = await fetch(apiUrl(path, o.query), {
      method, headers: h, credentials: 'same-origin', signal: o.signal,
      body: o.body === undefined ? undefined : JSON.stringify(o.body)
    })
  } catch (e) {
    if (e instanceof DOMException && e.name === 'AbortError') throw e
    throw new ApiError(0, 'OFFLINE', '')
  }
  const text = await answer.text()
  if (!answer.ok) throw fault(answer.status, text, answer.headers.get('Retry-After'))
  return (text && !o.plain ? JSON.parse(text) : text || undefined) as T
}

export const api = {
  get: <T>(path: string, query?: Query, signal?: AbortSignal) => call<T>('GET', path, { query, signal }),
  /** What is no JSON: a checkpoint. */
  text: (path: string, signal?: AbortSignal) => call<string>('GET', path, { plain: true, signal }),
  post: <T>(path: string, body?: unknown, version?: number) => call<T>('POST', path, { body: body ?? {}, version }),
  put: <T>(path: string, body: unknown, version?: number) => call<T>('PUT', path, { body, version }),
  del: <T>(path: string) => call<T>('DELETE', path),

  /** A form with files; `progress` is told the share that has been sent, 0 to 1. */
  upload<T>(path: string, form: FormData, progress?: (share: number) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      const x = new XMLHttpRequest()
      x.open('POST', apiUrl(path))
      for (const [k, v] of Object.entries(headers('POST'))) x.setRequestHeader(k, v)
      x.upload.onprogress = e => { if (e.lengthComputable) progress?.(e.loaded / e.total) }
      x.onerror = () => reject(new ApiError(0, 'OFFLINE', ''))
      x.onload = () => {
        if (x.status >= 200 && x.status < 300) resolve((x.responseText ? JSON.parse(x.responseText) : undefined) as T)
        else reject(fault(x.status, x.responseText, x.getResponseHeader('Retry-After')))
      }
      x.send(form)
    })
  },

  /** A file as bytes, to be saved under the name the server gives; how many rows it has, when told. */
  async save(path: string, body: unknown, name: string): Promise<string | null> {
    const h = headers('POST')
    h['Content-Type'] = 'application/json'
    const answer = await fetch(apiUrl(path), { method: 'POST', headers: h, body: JSON.stringify(body) })
      .catch(() => { throw new ApiError(0, 'OFFLINE', '') })
    if (!answer.ok) throw fault(answer.status, await answer.text(), answer.headers.get('Retry-After'))
    const given = /filename\*=UTF-8''([^;]+)/.exec(answer.headers.get('Content-Disposition') ?? '')
    saveBlob(await answer.blob(), given ? decodeURIComponent(given[1]!) : name)
    return answer.headers.get('X-Rows')
  },

  /** Follows a job until it ends; falls back to asking when events do not come. Returns how to stop. */
  follow(no: number, told: (job: Job) => void): () => void {
    let stopped = false
    let timer = 0
    const ended = (j: Job) => j.state === 'done' || j.state === 'failed' || j.state === 'cancelled'
    const events = new EventSource(apiUrl(`jobs/${no}/events`))
    const stop = () => { stopped = true; events.close(); window.clearTimeout(timer) }
    const take = (e: MessageEvent<string>) => {
      const j = JSON.parse(e.data) as Job
      if (stopped) return
      if (ended(j)) stop()
      told(j)
    }
    events.onmessage = take
    for (const name of ['progress', 'done', 'job', 'end']) events.addEventListener(name, take as EventListener)
    const ask = async () => {
      if (stopped) return
      try {
        const j = await call<Job>('GET', `jobs/${no}`)
        if (stopped) return
        if (ended(j)) stop()
        told(j)
      } catch { /* asked again */ }
      if (!stopped) timer = window.setTimeout(ask, 1500)
    }
    events.onerror = () => { events.close(); if (!stopped) ask() }
    return stop
  }
}

export function saveBlob(blob: Blob, name: string): void {
  const a = document.createElement('a')
  a.href = URL.createObjectURL(blob)
  a.download = name
  a.click()
  window.setTimeout(() => URL.revokeObjectURL(a.href), 60_000)
}
