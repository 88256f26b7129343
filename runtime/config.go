package runtime

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/phgen/phgen/runtime/flags"
	"github.com/phgen/phgen/runtime/value"
)

// Config configures a Client. Only APIKey is required: the zero value of any
// other field means the default written beside it.
type Config struct {
	// APIKey is the project key, "phc_…".
	APIKey string

	// SecretKey is a project's secret key, "phs_…", or a personal API key, "phx_…", that may
	// read feature flags. With it flags are evaluated in this process, by definitions that
	// are fetched every FlagPollEvery from New on; without it PostHog is asked for each.
	SecretKey string

	// Host is where events go, with an optional path for a reverse proxy:
	// "https://us.i.posthog.com" by default. The address of the PostHog app itself
	// is understood as that of its ingestion host.
	Host string

	// Protocol is V0 by default, which every PostHog speaks. With V1 the server says of
	// each event whether it took it.
	Protocol Protocol

	// Compression is Gzip by default: about a ninth of the bytes for 2 µs an event. Zstd
	// and Deflate need V1; events of CaptureAI are then sent with Gzip.
	Compression Compression

	// BatchSize is the number of queued events that triggers a request, 100. A
	// request carries more when a backlog stands.
	BatchSize int

	// BatchBytes caps one request's body before compression, 5 MiB. It is at least
	// 1 MiB, so that every event fits.
	BatchBytes int

	// FlushEvery is how long an event waits at most for others to share its
	// request, 5 s.
	FlushEvery time.Duration

	// QueueSize bounds the events in memory, queued and in flight, 10,000. What comes
	// beyond meets OnFull. Those of CaptureAI have a queue of their own, of the same size.
	QueueSize int

	// QueueBytes bounds the same events' bytes, 32 MiB. It is at least 1 MiB.
	QueueBytes int

	// MaxAge is how long delivery of an event is tried: 24 h, or 7 days with SpoolDir.
	MaxAge time.Duration

	// OnFull says what a capturing call does when QueueSize or QueueBytes is
	// reached: DropNewest refuses the event, Block waits for room, Spill leaves it on
	// disk, in SpoolDir, until there is room.
	OnFull OnFull

	// SpoolDir is a folder in which every accepted event is kept until it is delivered,
	// so that it survives the end of the process, however sudden: the next client with
	// this folder and key sends it, with the same uuid and timestamp. Several processes
	// may share it. It is made if it does not exist; while it can not be used, events are
	// kept in memory only, and a warning says so. Empty means memory only.
	SpoolDir string

	// SpoolSync is when the disk itself is made to have what was written, which is what a
	// power failure needs: within 0.1 s by default.
	SpoolSync SpoolSync

	// SpoolBytes bounds each queue's events in SpoolDir, 256 MiB. What comes beyond is kept
	// in memory only.
	SpoolBytes int64

	// MaxRetries bounds the resends of one request. 0 means no limit: an outage
	// pauses delivery, and MaxAge, the queue's bounds and Close end events. A
	// negative number means no resend.
	MaxRetries int

	// RequestTimeout bounds one attempt, the answer's body included, 15 s.
	RequestTimeout time.Duration

	// Transport sends the requests. Nil means one of the client's own, which honours
	// HTTPS_PROXY and keeps its connections.
	Transport http.RoundTripper

	// SuperProperties are sent with every event and override what the event says.
	// They are encoded once, by New.
	SuperProperties Props

	// BeforeSend sees every event before it is accepted and may change it. False,
	// or a panic, drops it. It runs on the capturing goroutine and makes each event
	// several times dearer.
	BeforeSend func(*Message) bool

	// OnDelivered is told of every request the endpoint took. OnDelivered, OnLost
	// and OnViolation run one at a time on a goroutine of their own, behind a queue
	// of 1,024, and of 65,536 uuids: a slow one misses observations, never events
	// (TestBlockedCallback).
	// They may call the client; a panic is logged. Nil ones are not called.
	OnDelivered func(Delivered)

	// OnLost is told of every event that was accepted and then given up, but not of
	// those that can not be read from SpoolDir any more: which they were nobody knows,
	// and Stats counts them. Events that are lost together take one place of the queue.
	OnLost func(LostEvent)

	// OnViolation is told of every broken rule of the plan, of the first 100 of one
	// event.
	OnViolation func(Violation)

	// Logger takes warnings: lost events, a paused delivery, violations. It never
	// sees a payload or a key. Like the callbacks it is called off the delivery path,
	// and each warning about an event comes once a minute at most
	// (TestWarningsAreSeldom). Nil means slog.Default.
	Logger *slog.Logger

	// Debug logs every captured event's name and size and every request's status, at
	// level info.
	Debug bool

	// Disabled makes the client inert: calls return at once and send nothing. SetDisabled
	// changes it.
	Disabled bool

	// Sync makes every capturing call wait until its event is delivered or lost, until its
	// context ends, or for RequestTimeout if that has no deadline. TryCapture then returns
	// an *UndeliveredError, beside the UUID, if the event did not arrive; one that is
	// pending goes on being tried.
	Sync bool

	// FlagPollEvery is how often the definitions of flags are fetched, 30 s. It is at least
	// 0.1 s.
	FlagPollEvery time.Duration

	// FlagTimeout bounds everything that one reading of flags waits for, the first fetch of
	// definitions and a resent request included, 3 s.
	FlagTimeout time.Duration

	// LocalFlagsOnly never asks PostHog for a flag: what this process can not tell is unknown.
	LocalFlagsOnly bool

	// FlagDefinitions are definitions to begin with, until the first fetch: a document as PostHog
	// answers it, say from an embedded file. Without SecretKey and DefinitionCache they stay.
	FlagDefinitions []byte

	// DefinitionCache shares definitions among processes, so that a fleet fetches them once.
	// A client with one and without SecretKey only reads it. Close closes it.
	DefinitionCache DefinitionCache

	// OnFlagsChanged is told when other definitions than before have come. It is called as
	// OnDelivered is.
	OnFlagsChanged func()

	// CaptureExceptions captures what nobody captures explicitly: panics in phhttp and its
	// siblings and in Go, errors in log records of phslog. A scope may say otherwise.
	CaptureExceptions bool

	// TraceContext reports the trace and span in ctx, as hexadecimal text, so that events link
	// to traces: photel has one for OpenTelemetry. Every capture calls it, on its goroutine; it
	// must not capture itself. If it panics or returns nothing the event is sent without.
	TraceContext func(ctx context.Context) (traceID, spanID string)

	// HistoricalMigration marks the events as an import of old data.
	HistoricalMigration bool

	// GeoIP lets PostHog locate people by the sender's address. That address is
	// your server's, so the default is false.
	GeoIP bool

	// SkewCorrection lets PostHog shift timestamps by the difference between its
	// clock and this one. A resend is then shifted anew, so PostHog can not fold
	// duplicates of one event.
	SkewCorrection bool

	// PIIKey is the secret under which the plan's hashed properties are hashed: 16
	// bytes or more. Without it they are left out.
	PIIKey []byte
}

// Compression is how request bodies are compressed.
type Compression uint8

// The compressions.
const (
	Gzip Compression = iota
	NoCompression
	Zstd    // with V1
	Deflate // with V1
)

// Protocol is how events are handed to PostHog.
type Protocol uint8

// The protocols.
const (
	V0 Protocol = iota // POST /batch/, one answer for a whole request
	V1                 // POST /i/v1/analytics/events, an answer for each event
)

// SpoolSync is when events in SpoolDir are safe from a power failure. From the end of the
// process they are safe at once.
type SpoolSync uint8

// The times.
const (
	SyncInterval SpoolSync = iota // within 0.1 s, or 1 MiB
	SyncEach                      // before the capturing call returns
	SyncNever                     // when the operating system likes
)

// OnFull is what a capturing call does when the queue is full.
type OnFull uint8

// The ways to meet a full queue.
const (
	DropNewest OnFull = iota // refuse the event with ErrQueueFull
	Block                    // wait for room, until the call's context ends
	Spill                    // keep the event in SpoolDir
)

const (
	defaultHost = "https://us.i.posthog.com"

	minBytes  = 1 << 20 // of BatchBytes and QueueBytes: the largest event and its envelope
	minPIIKey = 16

	defaultSpoolBytes = 256 << 20
	minSpoolBytes     = 16 << 20 // a segment and the largest event

	maxHostLength = 2048
)

// appHosts maps the addresses people see in their browser to where events go.
var appHosts = map[string]string{
	"https://app.posthog.com": defaultHost,
	"https://us.posthog.com":  defaultHost,
	"https://eu.posthog.com":  "https://eu.i.posthog.com",
}

// normalise fills in the defaults of cfg and checks it. The fields are checked in
// their order, and the first wrong one is reported.
func (cfg Config) normalise() (Config, error) {
	cfg.APIKey = strings.TrimSpace(cfg.APIKey)
	if cfg.APIKey == "" && !cfg.Disabled {
		return cfg, &ConfigError{Field: "APIKey", Reason: `must be the project key, which begins with "phc_"`}
	}
	cfg.SecretKey = strings.TrimSpace(cfg.SecretKey)
	if strings.Contains(cfg.SecretKey, "phc_") {
		return cfg, &ConfigError{Field: "SecretKey", Reason: `is a project key; a secret key begins with "phs_" or "phx_"`}
	}
	host, err := normaliseHost(cfg.Host)
	if err != nil {
		return cfg, err
	}
	cfg.Host = host
	switch {
	case cfg.Protocol > V1:
		return cfg, configError("Protocol", cfg.Protocol, "must be V0 or V1")
	case cfg.Compression > Deflate:
		return cfg, configError("Compression", cfg.Compression, "must be Gzip, NoCompression, Zstd or Deflate")
	case cfg.Compression > NoCompression && cfg.Protocol == V0:
		return cfg, &ConfigError{Field: "Compression", Reason: "Zstd and Deflate need Protocol V1: V0 takes Gzip or NoCompression"}
	case cfg.OnFull > Spill:
		return cfg, configError("OnFull", cfg.OnFull, "must be DropNewest, Block or Spill")
	case cfg.OnFull == Spill && cfg.SpoolDir == "":
		return cfg, &ConfigError{Field: "OnFull", Reason: "Spill needs SpoolDir"}
	case cfg.SpoolSync > SyncNever:
		return cfg, configError("SpoolSync", cfg.SpoolSync, "must be SyncInterval, SyncEach or SyncNever")
	}
	if err := cfg.fill(); err != nil {
		return cfg, err
	}
	if len(cfg.PIIKey) > 0 && len(cfg.PIIKey) < minPIIKey {
		return cfg, &ConfigError{Field: "PIIKey", Reason: fmt.Sprintf("has %d bytes and must have at least %d", len(cfg.PIIKey), minPIIKey)}
	}
	cfg.PIIKey = bytes.Clone(cfg.PIIKey)
	cfg.FlagDefinitions = bytes.Clone(cfg.FlagDefinitions)
	if cfg.FlagDefinitions != nil {
		if _, err := flags.Parse(cfg.FlagDefinitions); err != nil {
			return cfg, &ConfigError{Field: "FlagDefinitions", Reason: err.Error()}
		}
	}
	return cfg, nil
}

// fill sets every number that is 0 to its default, and checks the others.
func (cfg *Config) fill() error {
	for _, n := range []struct {
		field    string
		value    *int
		fallback int
		min      int
	}{
		{"BatchSize", &cfg.BatchSize, 100, 1},
		{"BatchBytes", &cfg.BatchBytes, 5 << 20, minBytes},
		{"QueueSize", &cfg.QueueSize, 10_000, 2}, // the pair of a dual write must fit
		{"QueueBytes", &cfg.QueueBytes, 32 << 20, minBytes},
	} {
		if *n.value == 0 {
			*n.value = n.fallback
		}
		if *n.value < n.min {
			return configError(n.field, *n.value, fmt.Sprintf("must be at least %d; 0 means %d", n.min, n.fallback))
		}
	}
	if cfg.SpoolBytes == 0 {
		cfg.SpoolBytes = defaultSpoolBytes
	}
	if cfg.SpoolBytes < minSpoolBytes {
		return configError("SpoolBytes", cfg.SpoolBytes, fmt.Sprintf("must be at least %d; 0 means %d", minSpoolBytes, defaultSpoolBytes))
	}
	maxAge := 24 * time.Hour
	if cfg.SpoolDir != "" {
		maxAge = 7 * 24 * time.Hour
	}
	for _, d := range []struct {
		field    string
		value    *time.Duration
		fallback time.Duration
		min      time.Duration
	}{
		{"FlushEvery", &cfg.FlushEvery, 5 * time.Second, time.Millisecond},
		{"MaxAge", &cfg.MaxAge, maxAge, time.Millisecond},
		{"RequestTimeout", &cfg.RequestTimeout, 15 * time.Second, time.Millisecond},
		{"FlagPollEvery", &cfg.FlagPollEvery, 30 * time.Second, 100 * time.Millisecond},
		{"FlagTimeout", &cfg.FlagTimeout, 3 * time.Second, time.Millisecond},
	} {
		if *d.value == 0 {
			*d.value = d.fallback
		}
		if *d.value < d.min {
			return configError(d.field, *d.value, fmt.Sprintf("must be at least %v; 0 means %v", d.min, d.fallback))
		}
	}
	for _, key := range slices.Sorted(maps.Keys(cfg.SuperProperties)) {
		if isReservedSuper(key) {
			return configError("SuperProperties", key, "is no key that every event can have")
		}
	}
	if cfg.MaxAge <= cfg.FlushEvery {
		return configError("MaxAge", cfg.MaxAge, fmt.Sprintf("must be longer than FlushEvery, which is %v", cfg.FlushEvery))
	}
	return nil
}

// isReservedSuper reports whether key is empty, or one that PostHog reads as a part
// of the envelope, or one that scopes and options set.
func isReservedSuper(key string) bool {
	switch value.Clean(key) {
	case "", "api_key", "distinct_id", "token", "$groups":
		return true
	}
	return false
}

func configError(field string, value any, reason string) error {
	return &ConfigError{Field: field, Value: fmt.Sprint(value), Reason: reason}
}

// normaliseHost returns host as scheme, authority and path without a slash at its
// end. It keeps no user, query or fragment: nothing secret can hide in it.
func normaliseHost(host string) (string, error) {
	host = strings.TrimRight(strings.TrimSpace(host), "/")
	if host == "" {
		return defaultHost, nil
	}
	wrong := func(shown, reason string) (string, error) {
		return "", &ConfigError{Field: "Host", Value: shown, Reason: reason}
	}
	if len(host) > maxHostLength {
		return wrong("", fmt.Sprintf("is longer than %d bytes", maxHostLength))
	}
	u, err := url.Parse(host)
	switch {
	case err != nil:
		// err repeats the host, and with it a password that may stand in it.
		return wrong("", "is no URL; it looks like https://eu.i.posthog.com")
	case u.User != nil, u.Opaque != "" && strings.Contains(u.Opaque, "@"):
		return wrong("", "must not hold a user or password")
	case u.Scheme != "https" && u.Scheme != "http", u.Opaque != "", u.Hostname() == "":
		shown := host
		if strings.ContainsAny(host, "@?#") || strings.HasPrefix(host, "ph") && !strings.Contains(host, ".") {
			shown = "" // a password, a query, or a key in the wrong place
		}
		return wrong(shown, "must be a full URL like https://eu.i.posthog.com")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return wrong("", "must not hold a query or fragment")
	}
	if port := u.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return wrong(host, "has a port that is no number from 1 to 65535")
		}
	}
	u.Host = strings.ToLower(u.Host)
	host = strings.TrimRight(u.String(), "/")
	if ingest, ok := appHosts[host]; ok {
		return ingest, nil
	}
	return host, nil
}

// isPlainRemote reports whether events travel to host unencrypted beyond this
// machine. The host was normalised.
func isPlainRemote(host string) bool {
	u, err := url.Parse(host)
	if err != nil || u.Scheme != "http" {
		return false
	}
	name := u.Hostname()
	if name == "localhost" || strings.HasSuffix(name, ".localhost") {
		return false
	}
	addr, err := netip.ParseAddr(name)
	return err != nil || !addr.IsLoopback()
}

// isSecretKey reports whether key is one of PostHog's that must never be used for
// capturing.
func isSecretKey(key string) bool {
	return strings.HasPrefix(key, "phx_") || strings.HasPrefix(key, "phs_")
}
