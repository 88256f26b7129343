package main

const (
	queueDir   = "runtime/internal/queue"
	breakerGo  = queueDir + "/breaker.go"
	deliverGo  = queueDir + "/deliver.go"
	flushGo    = queueDir + "/flush.go"
	queueGo    = queueDir + "/queue.go"
	requestGo  = queueDir + "/request.go"
	queueDisk  = queueDir + "/spool.go"
	judgmentGo = queueDir + "/verdict.go"
)

var queueMutants = []mutant{
	{
		name: "backoff without jitter", breaks: "clients that failed together come back together",
		file: breakerGo, old: "backoff(b.failures, rand.Float64())", new: "backoff(b.failures, 0.5+0*rand.Float64())",
		tests: suite{"runtime", "TestHerd"},
	},
	{
		name: "backoff does not grow", breaks: "an outage costs a request a second",
		file: breakerGo, old: "time.Second<<min(n, 5)", new: "time.Second<<min(n, 0)",
	},
	{
		name: "Retry-After is not bounded by the queue", breaks: "an endpoint can silence a client for ever",
		file: breakerGo, old: "floor := min(max(v.After, 0), maxFloor)", new: "floor := max(v.After, 0)",
	},
	{
		name: "Retry-After is ignored", breaks: "an endpoint that asks for a pause gets one",
		file: breakerGo, old: "b.until = now.Add(max(delay, floor))", new: "b.until = now.Add(delay)",
	},
	{
		name: "breaker hardly opens", breaks: "an outage costs one request an interval",
		file: breakerGo, old: "b.until = now.Add(max(delay, floor))", new: "b.until = now.Add(max(delay, floor) / 50)",
	},
	{
		name: "breaker never closes", breaks: "a backlog is sent with several requests at once",
		file: breakerGo, old: "*b = breaker{era: b.era + 1", new: "b.era++\n\t_ = breaker{era: b.era + 1",
	},
	{
		name: "old success closes the breaker", breaks: "an answer from before the failure says nothing about now",
		file: breakerGo, old: "if era != b.era || b.failures == 0 {", new: "if b.failures == 0 {",
	},
	{
		name: "failures at once count apart", breaks: "several requests that fail together are one failure",
		file: breakerGo, old: "	if era != b.era {\n		if at", new: "	if era > b.era {\n		if at",
	},
	{
		name: "no bound on requests in flight", breaks: "at most maxInFlight calls of Send run at once",
		file: judgmentGo, old: "q.limit = min(q.limit+1, maxInFlight)", new: "q.limit++",
	},
	{
		name: "no retries after Close", breaks: "Close delivers until its context ends",
		file: judgmentGo, old: "if q.cfg.MaxRetries >= 0 &&", new: "if q.closed || q.cfg.MaxRetries >= 0 &&",
	},
	{
		name: "Close waits out the backoff", breaks: "Close tries at once",
		file: breakerGo, old: "		b.until = time.Time{}", new: "		b.asked = false",
	},
	{
		name: "whole request again, not its retries", breaks: "events that the endpoint took are not sent twice",
		file: judgmentGo, old: "rest := r.with(again)", new: "rest := r",
	},
	{
		name: "too large a request is given up", breaks: "a 413 is halved",
		file: judgmentGo, old: "case Split:\n		if r.Events == 1 {", new: "case Split:\n		if r.Events >= 1 {",
	},
	{
		name: "413 is not remembered", breaks: "requests stay below the size that was refused",
		file: judgmentGo, old: "q.sizeCap = sizeCap{r.Bytes / 2,", new: "q.sizeCap = sizeCap{r.Bytes * 2,",
	},
	{
		name: "one bad event condemns its request", breaks: "a 400 is bisected",
		file: judgmentGo, old: "if r.Events == 1 || !r.isolation.spend() {", new: "if r.Events >= 1 || !r.isolation.spend() {",
	},
	{
		name: "bisection without budget", breaks: "an endpoint that refuses everything costs few requests",
		file: judgmentGo, old: "i.budget -= 2", new: "i.budget -= 0",
	},
	{
		name: "a split counts as a retry", breaks: "what fails by its content does not use up MaxRetries",
		file: judgmentGo, old: "	r.Attempts--\n	head, tail :=", new: "	head, tail :=",
	},
	{
		name: "an answer that is none counts as final", breaks: "the request goes once more",
		file: judgmentGo, old: "		if r.garbled {", new: "		if r.garbled || r.Attempts > 0 {",
	},
	{
		name: "an answer that is none is asked for ever", breaks: "the second time the events are lost as unconfirmed",
		file: judgmentGo, old: "		r.garbled = true", new: "		r.garbled = false",
	},
	{
		name: "a refused key loses what is on disk", breaks: "with a spool events wait for another key",
		file: judgmentGo, old: "case Hold:\n		if q.cfg.Spool == nil {", new: "case Hold:\n		if true {",
	},
	{
		name: "a loss is counted twice", breaks: "accepted = sent + lost + what waits",
		file: judgmentGo, old: "q.stats.lose(string(how), n)", new: "q.stats.lose(string(how), 2*n)",
	},
	{
		name: "a loss on disk is not counted", breaks: "accepted = sent + lost + what waits",
		file: queueDisk, old: "q.stats.lose(string(reason), uint64(n))", new: "q.stats.lose(string(reason), 0*uint64(n))",
	},
	{
		name: "delivered events stay on disk", breaks: "what was delivered is not sent by the next process",
		file: judgmentGo, old: "q.cfg.Spool.Settle(p.b.Entries[p.lo:p.hi])", new: "q.cfg.Spool.Settle(p.b.Entries[p.lo:p.lo])",
	},
	{
		name: "events are settled before they are sent", breaks: "a crash during a request loses nothing",
		file: deliverGo, old: "	v := q.cfg.Send(q.ctx, r)\n", new: `	for _, p := range r.parts {
		if q.cfg.Spool != nil {
			q.cfg.Spool.Settle(p.b.Entries[p.lo:p.hi])
		}
	}
	v := q.cfg.Send(q.ctx, r)
`,
		tests: suite{"runtime", "TestNextProcess"},
	},
	{
		name: "events with room in memory are not on disk", breaks: "every accepted event survives a crash",
		file: queueGo, old: "		q.write(b.Buf, b.mark, es[:n])\n", new: "",
	},
	{
		name: "encoded events are not on disk", breaks: "every accepted event survives a crash",
		file: queueGo, old: "		q.write(data, 0, es[:n])\n", new: "",
		tests: suite{"runtime", "TestNextProcess"},
	},
	{
		name: "an event is settled before it is on disk", breaks: "every accepted event survives a crash",
		file: queueGo, old: "		q.write(b.Buf, b.mark, es[:n])\n", new: "		q.write(b.Buf, b.mark, es[:n])\n		q.cfg.Spool.Settle(es[:n])\n",
	},
	{
		name: "Close discards what is on disk", breaks: "at the deadline those events are left to the next process",
		file: flushGo, old: "if e.Ticket == 0 {", new: "if e.Ticket >= 0 {",
	},
	{
		name: "Flush waits for later events", breaks: "captures that go on do not prolong a Flush",
		file: flushGo, old: "		if epoch <= w.last {\n			sum", new: "		if epoch <= w.last+1 {\n			sum",
	},
	{
		name: "Flush does not wait for the disk", breaks: "every event accepted before the call is delivered",
		file: queueDisk, old: "	q.track(q.epoch, n, size)", new: "	q.track(q.epoch, 0, 0)",
	},
	{
		name: "Flush hides losses", breaks: "what was not delivered is told",
		file: flushGo, old: "	if w.lost.Events == 0 {\n		return nil", new: "	if w.lost.Events >= 0 {\n		return nil",
	},
	{
		name: "events never expire", breaks: "MaxAge",
		file: deliverGo, old: "return now.Sub(at) >= q.cfg.MaxAge }", new: "return now.Sub(at) >= 1000*q.cfg.MaxAge }",
	},
	{
		name: "no bound on the queue's bytes", breaks: "a full queue refuses",
		file: queueGo, old: "if q.used.bytes+size > q.cfg.Bytes {", new: "if q.used.bytes+size > 2*q.cfg.Bytes {",
	},
	{
		name: "two events of a uuid in a request", breaks: "V1 names its results by uuid",
		file: requestGo, old: "	hi = seen.distinct(b.Entries, lo, hi)\n", new: "",
	},
	{
		name: "halves share a number", breaks: "different requests have different ids",
		file: requestGo, old: "head = &Request{Assembled:", new: "head = &Request{Number: r.Number, Assembled:",
	},
	{
		name: "a retry of some events gets another number", breaks: "the request id stays the same over retries",
		file: requestGo, old: "		Number: r.Number, Try: r.Try,", new: "		Try: r.Try,",
	},
	{
		name: "a giant event keeps its buffer", breaks: "memory follows the events, not the largest one",
		file: queueGo, old: "if cap(b.Buf)-len(b.Buf) > maxSlack {", new: "if cap(b.Buf)-len(b.Buf) > 100*maxSlack {",
	},
}
