package runtime

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestNormaliseHost(t *testing.T) {
	for host, want := range map[string]string{
		"":                                  "https://us.i.posthog.com",
		"  ":                                "https://us.i.posthog.com",
		"https://eu.i.posthog.com":          "https://eu.i.posthog.com",
		" https://eu.i.posthog.com/// ":     "https://eu.i.posthog.com",
		"https://app.posthog.com":           "https://us.i.posthog.com",
		"https://us.posthog.com/":           "https://us.i.posthog.com",
		"HTTPS://EU.PostHog.com":            "https://eu.i.posthog.com",
		"https://example.com/ingest/":       "https://example.com/ingest",
		"https://Example.com/Ingest":        "https://example.com/Ingest",
		"http://localhost:8010":             "http://localhost:8010",
		"http://[::1]:8010/a":               "http://[::1]:8010/a",
		"http://posthog.internal":           "http://posthog.internal",
		"https://eu.posthog.com.evil.test/": "https://eu.posthog.com.evil.test",
	} {
		got, err := normaliseHost(host)
		if got != want || err != nil {
			t.Errorf("%q: %q, %v, want %q", host, got, err, want)
		}
	}
}

func TestNormaliseHostRefuses(t *testing.T) {
	for host, want := range map[string]string{
		"eu.i.posthog.com":                     `ph: Config.Host "eu.i.posthog.com": must be a full URL like https://eu.i.posthog.com`,
		"localhost:8010":                       `ph: Config.Host "localhost:8010": must be a full URL like https://eu.i.posthog.com`,
		"ftp://example.com":                    `ph: Config.Host "ftp://example.com": must be a full URL like https://eu.i.posthog.com`,
		"https:///batch":                       `ph: Config.Host "https:///batch": must be a full URL like https://eu.i.posthog.com`,
		"https://:443":                         `ph: Config.Host "https://:443": must be a full URL like https://eu.i.posthog.com`,
		"https://user:pass@ph.test":            `ph: Config.Host: must not hold a user or password`,
		"https://user@ph.test":                 `ph: Config.Host: must not hold a user or password`,
		"user:pass@ph.test":                    `ph: Config.Host: must not hold a user or password`,
		"https://ph.test?token=secret":         `ph: Config.Host: must not hold a query or fragment`,
		"ph.test?token=secret":                 `ph: Config.Host: must be a full URL like https://eu.i.posthog.com`,
		"phx_secret":                           `ph: Config.Host: must be a full URL like https://eu.i.posthog.com`,
		"ph.test/a@b":                          `ph: Config.Host: must be a full URL like https://eu.i.posthog.com`,
		"https://ph.test/#x":                   `ph: Config.Host: must not hold a query or fragment`,
		"https://ph.test:99999":                `ph: Config.Host "https://ph.test:99999": has a port that is no number from 1 to 65535`,
		"https://ph.test:port":                 `ph: Config.Host: is no URL; it looks like https://eu.i.posthog.com`,
		"https://u:pass%zz@ph.test":            `ph: Config.Host: is no URL; it looks like https://eu.i.posthog.com`,
		"https://ph.test/\x00":                 `ph: Config.Host: is no URL; it looks like https://eu.i.posthog.com`,
		"https://" + strings.Repeat("a", 3000): `ph: Config.Host: is longer than 2048 bytes`,
	} {
		_, err := normaliseHost(host)
		if err == nil || err.Error() != want {
			t.Errorf("%.60q: %v, want %s", host, err, want)
		}
	}
}

func TestNewRefuses(t *testing.T) {
	for _, c := range []struct {
		field string
		cfg   Config
	}{
		{"APIKey", Config{}},
		{"APIKey", Config{APIKey: " \n"}},
		{"Host", Config{APIKey: "phc_k", Host: "nowhere"}},
		{"Compression", Config{APIKey: "phc_k", Compression: 7}},
		{"Compression", Config{APIKey: "phc_k", Protocol: V1, Compression: Deflate + 1}},
		{"Compression", Config{APIKey: "phc_k", Compression: Zstd}},
		{"Compression", Config{APIKey: "phc_k", Compression: Deflate}},
		{"Protocol", Config{APIKey: "phc_k", Protocol: V1 + 1}},
		{"OnFull", Config{APIKey: "phc_k", OnFull: 7}},
		{"OnFull", Config{APIKey: "phc_k", OnFull: Spill}}, // no SpoolDir
		{"OnFull", Config{APIKey: "phc_k", OnFull: Spill + 1, SpoolDir: "never made"}},
		{"SpoolSync", Config{APIKey: "phc_k", SpoolSync: SyncNever + 1}},
		{"SpoolBytes", Config{APIKey: "phc_k", SpoolBytes: -1}},
		{"SpoolBytes", Config{APIKey: "phc_k", SpoolBytes: 16<<20 - 1}},
		{"BatchSize", Config{APIKey: "phc_k", BatchSize: -1}},
		{"BatchBytes", Config{APIKey: "phc_k", BatchBytes: 1000}},
		{"QueueSize", Config{APIKey: "phc_k", QueueSize: 1}},
		{"QueueBytes", Config{APIKey: "phc_k", QueueBytes: -1}},
		{"FlushEvery", Config{APIKey: "phc_k", FlushEvery: -time.Second}},
		{"SuperProperties", Config{APIKey: "phc_k", SuperProperties: Props{"distinct_id": "u"}}},
		{"SuperProperties", Config{APIKey: "phc_k", SuperProperties: Props{"\x00": 1}}}, // empty once it is cleaned
		{"MaxAge", Config{APIKey: "phc_k", MaxAge: time.Nanosecond}},
		{"MaxAge", Config{APIKey: "phc_k", MaxAge: time.Second}}, // shorter than FlushEvery
		{"MaxAge", Config{APIKey: "phc_k", MaxAge: -1, SpoolDir: "never made"}},
		{"RequestTimeout", Config{APIKey: "phc_k", RequestTimeout: -1}},
		{"PIIKey", Config{APIKey: "phc_k", PIIKey: []byte("short")}},
	} {
		client, err := New(c.cfg)
		var ce *ConfigError
		if !errors.As(err, &ce) || ce.Field != c.field {
			t.Errorf("New(%+v): %v, want a ConfigError about %s", c.cfg, err, c.field)
			continue
		}
		if client == nil {
			t.Errorf("New(%+v): no client beside the error", c.cfg)
			continue
		}
		if !client.disabled.Load() {
			t.Errorf("New(%+v): the client beside the error is not inert", c.cfg)
		}
		client.SetDisabled(false)
		if id, err := TryCapture(With(t.Context(), UseClient(client)), "e", nil); !errors.Is(err, ErrDisabled) {
			t.Errorf("New(%+v): its client answers %v and %v, want ErrDisabled", c.cfg, id, err)
		}
		if err := client.Close(t.Context()); err != nil {
			t.Errorf("Close of an inert client: %v", err)
		}
	}
	if _, err := os.Stat("never made"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a Config that New refused made its SpoolDir: %v", err)
	}
}

// The first wrong field in the order of Config is the one that is told, with what is wrong.
func TestConfigErrorTexts(t *testing.T) {
	for want, cfg := range map[string]Config{
		`ph: Config.Protocol "2": must be V0 or V1`:                                                 {APIKey: "k", Protocol: 2, Compression: 9},
		`ph: Config.Compression "9": must be Gzip, NoCompression, Zstd or Deflate`:                  {APIKey: "k", Compression: 9, OnFull: 9},
		`ph: Config.Compression: Zstd and Deflate need Protocol V1: V0 takes Gzip or NoCompression`: {APIKey: "k", Compression: Deflate},
		`ph: Config.OnFull "9": must be DropNewest, Block or Spill`:                                 {APIKey: "k", OnFull: 9},
		`ph: Config.OnFull: Spill needs SpoolDir`:                                                   {APIKey: "k", OnFull: Spill},
		`ph: Config.SpoolSync "9": must be SyncInterval, SyncEach or SyncNever`:                     {APIKey: "k", SpoolSync: 9},
		`ph: Config.SpoolBytes "5": must be at least 16777216; 0 means 268435456`:                   {APIKey: "k", SpoolBytes: 5},
		`ph: Config.MaxAge "-1ns": must be at least 1ms; 0 means 168h0m0s`:                          {APIKey: "k", SpoolDir: "never made", MaxAge: -1},
		`ph: Config.MaxAge "-1ns": must be at least 1ms; 0 means 24h0m0s`:                           {APIKey: "k", MaxAge: -1},
		`ph: Config.SuperProperties "$groups": is no key that every event can have`:                 {APIKey: "k", SuperProperties: Props{"a": 1, "$groups": 1}},
	} {
		if _, err := New(cfg); err == nil || err.Error() != want {
			t.Errorf("got  %v\nwant %s", err, want)
		}
	}
}

// Every combination that makes sense is taken.
func TestNewTakes(t *testing.T) {
	for _, protocol := range []Protocol{V0, V1} {
		for _, compression := range []Compression{Gzip, NoCompression, Zstd, Deflate} {
			if protocol == V0 && compression > NoCompression {
				continue
			}
			if _, err := (Config{APIKey: "k", Protocol: protocol, Compression: compression, Sync: true, SpoolSync: SyncEach, OnFull: Spill, SpoolDir: "d"}).normalise(); err != nil {
				t.Errorf("protocol %d, compression %d: %v", protocol, compression, err)
			}
		}
	}
}

func TestDefaults(t *testing.T) {
	got, err := Config{APIKey: " phc_k "}.normalise()
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		APIKey: "phc_k", Host: "https://us.i.posthog.com", BatchSize: 100, BatchBytes: 5 << 20, FlushEvery: 5 * time.Second,
		QueueSize: 10_000, QueueBytes: 32 << 20, SpoolBytes: 256 << 20, MaxAge: 24 * time.Hour, RequestTimeout: 15 * time.Second,
		FlagPollEvery: 30 * time.Second, FlagTimeout: 3 * time.Second,
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("normalise (-got +want):\n%s", diff)
	}
	got, err = Config{APIKey: "phc_k", SpoolDir: "d"}.normalise()
	if want.SpoolDir, want.MaxAge = "d", 7*24*time.Hour; err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("normalise with SpoolDir (-got +want):\n%s", diff)
	}
}

func TestConfigFromEnv(t *testing.T) {
	t.Setenv("POSTHOG_API_KEY", "phc_env")
	t.Setenv("POSTHOG_HOST", "https://ph.test")
	t.Setenv("POSTHOG_CAPTURE_MODE", "")
	t.Setenv("DO_NOT_TRACK", "")
	t.Setenv("POSTHOG_SECRET_KEY", "phs_env")
	t.Setenv("POSTHOG_FLAG_POLL_EVERY", "10s")
	if got, err := ConfigFromEnv(); got.SecretKey != "phs_env" || got.FlagPollEvery != 10*time.Second || err != nil {
		t.Errorf("SecretKey %q, FlagPollEvery %v, error %v, want phs_env and 10s", got.SecretKey, got.FlagPollEvery, err)
	}
	t.Setenv("POSTHOG_SECRET_KEY", "")
	t.Setenv("POSTHOG_FLAG_POLL_EVERY", "")
	for disabled, want := range map[string]bool{"": false, "0": false, "false": false, "1": true, "true": true} {
		t.Setenv("POSTHOG_DISABLED", disabled)
		got, err := ConfigFromEnv()
		if diff := cmp.Diff(got, Config{APIKey: "phc_env", Host: "https://ph.test", Disabled: want}); diff != "" || err != nil {
			t.Errorf("POSTHOG_DISABLED=%q: error %v (-got +want):\n%s", disabled, err, diff)
		}
	}
	t.Setenv("POSTHOG_DISABLED", "")
	for mode, want := range map[string]Protocol{"": V0, "v0": V0, "V0": V0, "v1": V1, "V1": V1} {
		t.Setenv("POSTHOG_CAPTURE_MODE", mode)
		got, err := ConfigFromEnv()
		if diff := cmp.Diff(got, Config{APIKey: "phc_env", Host: "https://ph.test", Protocol: want}); diff != "" || err != nil {
			t.Errorf("POSTHOG_CAPTURE_MODE=%q: error %v (-got +want):\n%s", mode, err, diff)
		}
	}
	t.Setenv("POSTHOG_CAPTURE_MODE", "")
	t.Setenv("POSTHOG_DISABLED", "false") // DO_NOT_TRACK has the last word
	for word, want := range map[string]bool{"": false, "0": false, "false": false, "FALSE": false, "1": true, "true": true, "yes": true, "no": true} {
		t.Setenv("DO_NOT_TRACK", word)
		if got, err := ConfigFromEnv(); got.Disabled != want || err != nil {
			t.Errorf("DO_NOT_TRACK=%q: disabled %v, error %v, want %v", word, got.Disabled, err, want)
		}
	}
}

// A variable that can not be read never makes a client that sends.
func TestConfigFromEnvRefuses(t *testing.T) {
	for _, variable := range []string{"POSTHOG_DISABLED", "POSTHOG_CAPTURE_MODE", "POSTHOG_FLAG_POLL_EVERY", "DO_NOT_TRACK"} {
		t.Setenv(variable, "")
	}
	t.Setenv("POSTHOG_API_KEY", "phc_env")
	for variable, want := range map[string]string{
		"POSTHOG_DISABLED":        `ph: Config.Disabled "off with it": POSTHOG_DISABLED must be true or false`,
		"POSTHOG_CAPTURE_MODE":    `ph: Config.Protocol "off with it": POSTHOG_CAPTURE_MODE must be v0 or v1`,
		"POSTHOG_FLAG_POLL_EVERY": `ph: Config.FlagPollEvery "off with it": POSTHOG_FLAG_POLL_EVERY must be a duration like "10s"`,
	} {
		t.Run(variable, func(t *testing.T) {
			t.Setenv(variable, "off with it")
			got, err := ConfigFromEnv()
			var ce *ConfigError
			if !errors.As(err, &ce) || err.Error() != want || !got.Disabled {
				t.Errorf("got disabled %v and %v, want a disabled Config and %s", got.Disabled, err, want)
			}
			if c, err := New(got); err != nil || !c.disabled.Load() {
				t.Errorf("New of what is beside the error: %v, want an inert client", err)
			}
		})
	}
}

func TestIsPlainRemote(t *testing.T) {
	for host, want := range map[string]bool{
		"https://ph.test":       false,
		"http://ph.test":        true,
		"http://10.0.0.1":       true,
		"http://127.0.0.1:80":   false,
		"http://127.9.9.9":      false,
		"http://[::1]:80":       false,
		"http://localhost":      false,
		"http://ph.localhost":   false,
		"http://localhost.test": true,
	} {
		if got := isPlainRemote(host); got != want {
			t.Errorf("%s: %v, want %v", host, got, want)
		}
	}
}

func TestErrors(t *testing.T) {
	for want, err := range map[string]error{
		`ph: Config.BatchSize "-1": must be at least 1; 0 means 100`: configError("BatchSize", -1, "must be at least 1; 0 means 100"),
		"ph: 5 events undelivered: 2 pending, 3 rejected":            &UndeliveredError{Events: 5, ByReason: map[string]uint64{"rejected": 3, "pending": 2}},
		"ph: 1 event undelivered: 1 expired: out of patience":        &UndeliveredError{Events: 1, ByReason: map[string]uint64{"expired": 1}, Err: errors.New("out of patience")},
	} {
		if got := err.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
