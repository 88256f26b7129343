package runtime

import (
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/phgen/phgen/runtime/internal/recording"
	"github.com/phgen/phgen/runtime/value"
)

// Version is that of $lib_version and of the User-Agent.
const Version = "0.1.0"

// A Client sends events to one PostHog project. Make one with New, share it among
// all goroutines and Close it before the program ends: a client that is neither
// closed nor reachable keeps its goroutine. A nil client is inert: every call is
// safe and does nothing. The zero Client is of no use.
type Client struct {
	cfg       Config
	broken    bool        // New refused cfg
	disabled  atomic.Bool // main may be nil as long as it is set
	main      *lane
	ai        atomic.Pointer[lane] // of CaptureAI; nil until it is called
	lanesMu   sync.Mutex
	lanes     []*lane
	flags     *flagging       // nil if broken
	super     []superProperty // sorted by key
	keyOrders *keyOrders
	counters  counters
	warnings  warningLog
	observe   *observer
	now       func() time.Time
	recorder  *recording.Recorder // nil outside tests
	limit     exceptionLimit

	closed atomic.Bool
}

// A superProperty is one of Config.SuperProperties, encoded.
type superProperty struct {
	key  string // JSON text without quotes
	json string
}

var defaultClient atomic.Pointer[Client]

// SetDefault makes c the client of every context that carries none. Nil is allowed:
// such contexts are inert again. The client that was the default stays open.
func SetDefault(c *Client) { defaultClient.Store(c) }

// Default returns the client that SetDefault was given last, or nil.
func Default() *Client { return defaultClient.Load() }

// New returns a client that starts a goroutine with its first event; New itself sends
// nothing and waits for nothing. If cfg is wrong, New returns a *[ConfigError] that names
// the first wrong field and, beside it, a client that is inert: a program may go on with
// it, and its Stats count what it refused. Two clients share nothing, not even if they
// are made of one Config.
func New(cfg Config) (*Client, error) {
	normal, err := cfg.normalise()
	c := &Client{cfg: normal, now: time.Now, broken: err != nil}
	c.observe = &observer{c: c}
	c.disabled.Store(c.cfg.Disabled || c.broken)
	if c.broken {
		return c, err
	}
	c.keyOrders = newKeyOrders()
	c.super = c.encodeSuper(c.cfg.SuperProperties)
	c.flags = newFlagging(c)
	if c.cfg.Disabled {
		return c, nil
	}
	c.open()
	c.flags.start()
	return c, nil
}

// encodeSuper encodes props once for all events. A value that JSON can not hold
// becomes null, with one warning.
func (c *Client) encodeSuper(props Props) []superProperty {
	var super []superProperty
	for _, key := range slices.Sorted(maps.Keys(props)) {
		json, problems := value.AppendAny(nil, props[key])
		if len(problems) > 0 {
			c.warnOnce("super property can not be encoded", "key", key, "problems", strings.Join(problems, "; "))
		}
		p := superProperty{keyText(key), string(json)}
		if p.key == keyCookieless {
			if p.json = boolOf(json); p.json == "" {
				c.warnOnce("super property is left out: PostHog takes a boolean only", "key", key)
				continue
			}
		}
		if !slices.ContainsFunc(super, func(o superProperty) bool { return o.key == p.key }) {
			super = append(super, p)
		}
	}
	slices.SortFunc(super, func(a, b superProperty) int { return strings.Compare(a.key, b.key) })
	return super
}

// warn logs what New accepts and yet is hardly meant. A client that is disabled does no harm.
func (c *Client) warn() {
	if isPlainRemote(c.cfg.Host) {
		c.warnOnce("events travel unencrypted: Config.Host is plain http")
	}
	if isSecretKey(c.cfg.APIKey) {
		c.warnOnce(`Config.APIKey is a personal or secret key; capturing takes the project key, which begins with "phc_"`)
	}
}

// warnOnce logs what there is one occasion for.
func (c *Client) warnOnce(message string, attrs ...any) {
	c.observe.later(func() { c.log().Warn(message, attrs...) })
}

// log returns the client's logger, never nil. A logger is the user's code: it must
// not be called with a batch on loan, nor on the upload path.
func (c *Client) log() *slog.Logger {
	if c == nil || c.cfg.Logger == nil {
		return slog.Default()
	}
	return c.cfg.Logger
}

func init() {
	recording.Attach = func(client any, r *recording.Recorder) { client.(*Client).recorder = r }
}
