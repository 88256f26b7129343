package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"github.com/google/uuid"
	ph "github.com/phgen/phgen/runtime"
)

// An inputError is the harness's mistake, not the runtime's.
type inputError string

func (e inputError) Error() string { return string(e) }

func badInput(format string, args ...any) error { return inputError(fmt.Sprintf(format, args...)) }

func statusOf(err error) int {
	var in inputError
	if errors.As(err, &in) {
		return http.StatusBadRequest
	}
	return http.StatusInternalServerError
}

// decode reads the request's body, one JSON value, into v. Unknown keys are ignored:
// later harnesses send more.
func decode(r *http.Request, v any) error {
	d := json.NewDecoder(r.Body)
	d.UseNumber() // so that every number is passed on as it was written
	if err := d.Decode(v); err != nil {
		return badInput("reading the body: %v", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return badInput("reading the body: something follows the JSON value")
	}
	return nil
}

// testID returns the parallel test that a request belongs to, or "". It becomes a header
// and so must be one word.
func testID(r *http.Request) (string, error) {
	id := r.URL.Query().Get("test_id")
	if len(id) > maxTestID {
		return "", badInput("test_id has %d bytes, more than %d", len(id), maxTestID)
	}
	if strings.ContainsFunc(id, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return "", badInput("test_id %q must be printable ASCII without spaces", id)
	}
	return id, nil
}

// An initRequest is the body of /init. What is absent has the harness's default, but for
// the interval: one that ends before a scenario's assertions would send what the
// scenario wants to flush.
type initRequest struct {
	APIKey              string `json:"api_key"`
	Host                string `json:"host"`
	FlushAt             *int   `json:"flush_at"`
	FlushIntervalMS     *int64 `json:"flush_interval_ms"`
	MaxRetries          *int   `json:"max_retries"`
	EnableCompression   bool   `json:"enable_compression"`
	DisableGeoIP        *bool  `json:"disable_geoip"`
	HistoricalMigration bool   `json:"historical_migration"`
}

const (
	defaultFlushAt    = 100
	defaultInterval   = 10 * time.Second
	defaultMaxRetries = 3

	maxInterval = 24 * time.Hour
)

// newConfig is the Config that the request asks for. Its host must be near: a name
// without a dot, one that ends in .internal or .localhost, or a private or loopback
// address.
func (req *initRequest) newConfig(p ph.Protocol) (ph.Config, error) {
	if req.APIKey == "" || req.Host == "" {
		return ph.Config{}, badInput("api_key and host are required")
	}
	if !near(req.Host) {
		return ph.Config{}, badInput("host %q is no address of a mock: use http:// and a name without a dot or a private address", req.Host)
	}
	cfg := ph.Config{
		APIKey:              req.APIKey,
		Host:                req.Host,
		Protocol:            p,
		Compression:         ph.NoCompression,
		BatchSize:           defaultFlushAt,
		FlushEvery:          defaultInterval,
		MaxRetries:          defaultMaxRetries,
		GeoIP:               req.DisableGeoIP != nil && !*req.DisableGeoIP,
		HistoricalMigration: req.HistoricalMigration,
	}
	if req.EnableCompression {
		cfg.Compression = ph.Gzip
	}
	if n := req.FlushAt; n != nil {
		if *n < 1 {
			return ph.Config{}, badInput("flush_at %d must be at least 1", *n)
		}
		cfg.BatchSize = *n
	}
	if ms := req.FlushIntervalMS; ms != nil {
		if *ms < 0 || *ms > maxInterval.Milliseconds() {
			return ph.Config{}, badInput("flush_interval_ms %d must be 0 to %d", *ms, maxInterval.Milliseconds())
		}
		cfg.FlushEvery = time.Duration(max(*ms, 1)) * time.Millisecond // 0 would be the runtime's default
	}
	if n := req.MaxRetries; n != nil {
		if *n < 0 {
			return ph.Config{}, badInput("max_retries %d must not be negative", *n)
		}
		if cfg.MaxRetries = *n; *n == 0 {
			cfg.MaxRetries = -1 // 0 would be no limit
		}
	}
	return cfg, nil
}

// near reports whether a host can only be on this machine or in its network.
func near(host string) bool {
	u, err := url.Parse(host)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return false
	}
	name := strings.ToLower(u.Hostname())
	if addr, err := netip.ParseAddr(name); err == nil {
		return addr.IsLoopback() || addr.IsPrivate()
	}
	return name != "" && (!strings.Contains(name, ".") || strings.HasSuffix(name, ".internal") || strings.HasSuffix(name, ".localhost"))
}

// A captureRequest is the body of /capture and /capture_ai.
type captureRequest struct {
	DistinctID string         `json:"distinct_id"`
	Event      string         `json:"event"`
	Properties map[string]any `json:"properties"` // numbers are json.Number
	Timestamp  *time.Time     `json:"timestamp"`
	UUID       *uuid.UUID     `json:"uuid"`
	Options    map[string]any `json:"options"`
}

func (req *captureRequest) check() error {
	switch {
	case req.DistinctID == "":
		return badInput("distinct_id is required")
	case req.Event == "":
		return badInput("event is required")
	case req.UUID != nil && *req.UUID == uuid.Nil:
		return badInput("uuid must not be zero")
	}
	return nil
}

// props returns the event's properties and its options among them, values as given:
// making sense of them is the runtime's. The property of an option has its name with a
// dollar before it, but for one.
func (req *captureRequest) props() ph.Props {
	props := make(ph.Props, len(req.Properties)+len(req.Options))
	maps.Copy(props, req.Properties)
	for name, v := range req.Options {
		if name == "disable_skew_correction" {
			name = "ignore_sent_at"
		}
		props["$"+name] = v
	}
	return props
}

func (req *captureRequest) options() []ph.Option {
	opts := []ph.Option{ph.As(req.DistinctID)}
	if req.Timestamp != nil {
		opts = append(opts, ph.At(*req.Timestamp))
	}
	if req.UUID != nil {
		opts = append(opts, ph.ID(*req.UUID))
	}
	return opts
}

// A flagRequest is the body of /get_feature_flag.
type flagRequest struct {
	Key             string              `json:"key"`
	DistinctID      string              `json:"distinct_id"`
	Person          ph.Props            `json:"person_properties"`
	Groups          map[string]any      `json:"groups"` // keys are text or json.Number
	GroupProperties map[string]ph.Props `json:"group_properties"`
	DisableGeoIP    bool                `json:"disable_geoip"`
	ForceRemote     bool                `json:"force_remote"`
}

func (req *flagRequest) check() error {
	if req.Key == "" || req.DistinctID == "" {
		return badInput("key and distinct_id are required")
	}
	for groupType, key := range req.Groups {
		switch key.(type) {
		case string, json.Number:
		default:
			return badInput("the key of group %q must be text or a number", groupType)
		}
	}
	return nil
}

// scope says what the request says about the user.
func (req *flagRequest) scope() []ph.ScopeOption {
	opts := []ph.ScopeOption{ph.User(req.DistinctID), ph.PersonFlagProperties(req.Person)}
	for groupType, key := range req.Groups {
		opts = append(opts, ph.Group(groupType, fmt.Sprint(key)),
			ph.GroupFlagProperties(groupType, fmt.Sprint(key), req.GroupProperties[groupType]))
	}
	return opts
}

func (req *flagRequest) options() []ph.Option {
	opts := []ph.Option{ph.GeoIP(!req.DisableGeoIP)}
	if req.ForceRemote {
		opts = append(opts, ph.RemoteOnly())
	}
	return opts
}
