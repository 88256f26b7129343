package main

const (
	transportDir = "runtime/internal/transport"
	answerGo     = transportDir + "/answer.go"
	protocolGo   = transportDir + "/protocol.go"
	scannerGo    = transportDir + "/scanner.go"
	transportGo  = transportDir + "/transport.go"
	verdictGo    = transportDir + "/verdict.go"

	originDir    = "runtime/internal/origin"
	keysGo       = originDir + "/keys.go"
	originGo     = originDir + "/origin.go"
	redirectGo   = originDir + "/redirect.go"
	retryAfterGo = originDir + "/retryafter.go"
)

// transportTests must notice what breaks delivery in package origin, too.
var transportTests = suite{dir: transportDir}

var transportMutants = []mutant{
	{
		name: "redirects are followed across origins", breaks: "neither key nor events leave the origin",
		file: redirectGo, old: " || origin(to) != origin(from)", new: "",
		tests: transportTests,
	},
	{
		name: "errors keep the key", breaks: "the key is in no error",
		file: keysGo, old: "		return errors.New(k.Clean(text))", new: "		_ = errors.New\n		return err",
		tests: transportTests,
	},
	{
		name: "what an endpoint says keeps the key", breaks: "the key is in no error",
		file: keysGo, old: "	}, k.hide.Replace(text))))", new: "	}, text)))",
		tests: transportTests,
	},
	{
		name: "answers inflate", breaks: "a gzip bomb costs no memory",
		file: originGo, old: "DisableCompression:     true,", new: "DisableCompression:     false,",
		tests: transportTests,
	},
	{
		name: "answers have no end", breaks: "what is read of an answer is bounded",
		file: scannerGo, old: "io.LimitedReader{R: r, N: limit}", new: "io.LimitedReader{R: r, N: limit << 20}",
	},
	{
		name: "a header has no end", breaks: "what is read of an answer is bounded",
		file: originGo, old: "MaxResponseHeaderBytes: maxHeader,", new: "MaxResponseHeaderBytes: maxHeader << 20,",
		tests: transportTests,
	},
	{
		name: "the request id changes over retries", breaks: "PostHog knows a retry as one",
		file: protocolGo, old: "binary.BigEndian.PutUint64(id[8:], r.Number)", new: "binary.BigEndian.PutUint64(id[8:], r.Number<<8|uint64(r.Try))",
	},
	{
		name: "the attempt header is constant", breaks: "PostHog sees how often a request was tried",
		file: protocolGo, old: "strconv.Itoa(r.Try)", new: "strconv.Itoa(1)",
	},
	{
		name: "created_at moves with every retry", breaks: "it says when the request was put together",
		file: protocolGo, old: "r.Assembled.UTC().AppendFormat", new: "time.Now().UTC().AppendFormat",
	},
	{
		name: "429 is about the events", breaks: "a client that is too fast loses nothing",
		file: verdictGo, old: "s == http.StatusTooManyRequests, ", new: "",
	},
	{
		name: "52x is about the events", breaks: "a proxy's failure loses nothing",
		file: verdictGo, old: "s >= 500, s >= 300 && s < 400:", new: "s >= 500 && s < 520, s >= 300 && s < 400:",
	},
	{
		name: "a refused key is bisected", breaks: "401 holds the events back",
		file: verdictGo, old: "case s == http.StatusUnauthorized, ", new: "case ",
	},
	{
		name: "Retry-After is not clamped", breaks: "an endpoint can not silence a client for ever",
		file: verdictGo, old: "return min(origin.RetryAfter(header, now), maxRetryAfter)", new: "return origin.RetryAfter(header, now)",
	},
	{
		name: "a Retry-After of the past counts", breaks: "a pause is never negative",
		file: retryAfterGo, old: "return max(at.Sub(now), 0)", new: "return at.Sub(now)",
	},
	{
		name: "Retry-After of a success is ignored", breaks: "events that V1 wants again wait as long as it asks",
		file: answerGo, old: "		a.After = retryAfter(res.Header, time.Now())\n", new: "		_ = time.Now\n",
	},
	{
		name: "a captive portal counts as PostHog", breaks: "a page of the web confirms nothing",
		file: answerGo, old: "	if c == '<' {", new: "	if c == '>' {",
	},
	{
		name: "a success that breaks off counts", breaks: "half an answer confirms nothing",
		file: answerGo, old: "	if err := s.drain(); err != nil {", new: "	if err := s.drain(); err != nil && r.Events == 0 {",
	},
	{
		name: "V1's retry counts as delivered", breaks: "events that were not persisted go again",
		file: answerGo, old: "		outcome = queue.Retry\n", new: "		outcome = queue.Delivered\n",
	},
	{
		name: "V1's drop counts as delivered", breaks: "a loss is told",
		file: answerGo, old: "		outcome = queue.Drop\n", new: "		outcome = queue.Delivered\n",
	},
	{
		name: "an attempt has no timeout", breaks: "a hung endpoint blocks one attempt, not the queue",
		file: transportGo, old: "context.WithTimeoutCause(ctx, t.cfg.Timeout,", new: "context.WithTimeoutCause(ctx, 100*t.cfg.Timeout,",
	},
	{
		name: "a body is read after its request", breaks: "memory that is used again is not sent",
		file: transportGo, old: "	defer b.detach()\n", new: "",
	},
	{
		name: "a panic of the round tripper goes through", breaks: "the program outlives it",
		file: transportGo, old: "if v := recover(); v != nil {", new: "if v := any(nil); v != nil {",
	},
}
