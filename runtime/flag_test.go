package runtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phtest"
)

// definitions are those of a project: a flag that can be told here, one that needs the
// person's plan, and one with variants and a payload.
const definitions = `{"flags":[
{"id":1,"key":"on","active":true,"version":3,"filters":{"groups":[{"properties":[],"rollout_percentage":100}],"payloads":{"true":"{\"n\":5}"}}},
{"id":2,"key":"pro","active":true,"filters":{"groups":[{"properties":[{"key":"plan","value":"pro","operator":"exact","type":"person"}],"rollout_percentage":100}]}},
{"id":3,"key":"split","active":true,"has_experiment":true,"filters":{"groups":[{"properties":[],"rollout_percentage":100,"variant":"b"}],"multivariate":{"variants":[{"key":"a","rollout_percentage":50},{"key":"b","rollout_percentage":50}]},"payloads":{"b":"\"blue\""}}},
{"id":4,"key":"off","active":false,"filters":{"groups":[{"properties":[],"rollout_percentage":100}]}}
],"group_type_mapping":{"0":"company"},"cohorts":{}}`

// A flagBench is a client before a server in memory.
type flagBench struct {
	t *testing.T
	*ph.Client
	server *phtest.Server
	ctx    context.Context // of user u1
}

func newFlagBench(t *testing.T, change func(*ph.Config), prepare ...func(*phtest.Server)) *flagBench {
	t.Helper()
	server := phtest.NewMemoryServer(t)
	for _, f := range prepare {
		f(server) // before the client fetches definitions
	}
	cfg := ph.Config{APIKey: "phc_test", Host: server.URL, Transport: server, Logger: slog.New(slog.DiscardHandler), Compression: ph.NoCompression}
	if change != nil {
		change(&cfg)
	}
	if cfg.SecretKey != "" {
		server.SetDefinitions([]byte(definitions)) // before the client fetches them
	}
	c, err := ph.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	b := &flagBench{t: t, Client: c, server: server}
	b.ctx = ph.With(t.Context(), ph.UseClient(c), ph.User("u1"))
	return b
}

func local(cfg *ph.Config) { cfg.SecretKey = "phs_test" }

// called returns the properties of every $feature_flag_called that arrived.
func (b *flagBench) called() []map[string]any {
	b.t.Helper()
	if err := b.Flush(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	var all []map[string]any
	for _, e := range b.server.Events() {
		if e.Event() != "$feature_flag_called" {
			continue
		}
		var event struct{ Properties map[string]any }
		if err := json.Unmarshal([]byte(e.String()), &event); err != nil {
			b.t.Fatal(err)
		}
		for _, key := range []string{"$lib", "$lib_version", "$is_server", "$geoip_disable", "$os", "$os_version", "$os_distro", "$go_version"} {
			delete(event.Properties, key)
		}
		all = append(all, event.Properties)
	}
	return all
}

func (b *flagBench) wantRequests(flags, definitions int) {
	b.t.Helper()
	if got := len(b.server.FlagRequests()); got != flags {
		b.t.Errorf("%d requests for flags, want %d", got, flags)
	}
	if got := len(b.server.DefinitionRequests()); definitions >= 0 && got != definitions {
		b.t.Errorf("%d requests for definitions, want %d", got, definitions)
	}
}

func (b *flagBench) wantFlag(ctx context.Context, key, want string, opts ...ph.Option) {
	b.t.Helper()
	if v, _ := b.Flag(ctx, key, opts...); v.String() != want {
		b.t.Errorf("flag %s is %v, want %s", key, v, want)
	}
}

func (b *flagBench) close() {
	b.t.Helper()
	if err := b.Close(b.t.Context()); err != nil {
		b.t.Error(err)
	}
}

func TestFlagLocally(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFlagBench(t, local)
		b.wantFlag(b.ctx, "on", "true")
		b.wantFlag(b.ctx, "split", "b")
		b.wantFlag(b.ctx, "off", "false")
		pro := ph.With(b.ctx, ph.PersonFlagProperties(ph.Props{"plan": "pro"}))
		free := ph.With(b.ctx, ph.PersonFlagProperties(ph.Props{"plan": "free"}))
		b.wantFlag(pro, "pro", "true")
		b.wantFlag(free, "pro", "false")
		b.wantRequests(0, 1)
		b.wantFlag(b.ctx, "pro", "unknown", ph.OnlyLocally())
		b.wantRequests(0, 1)
		b.server.SetFlag("pro", true)
		b.wantFlag(b.ctx, "pro", "true")
		b.wantRequests(1, 1)
		b.close()
	})
}

func TestFlagDetail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFlagBench(t, local)
		b.server.SetFlag("far", "x", phtest.Metadata(9, 2))
		for _, test := range []struct {
			key  string
			opts []ph.Option
			want string
		}{
			{"on", nil, "true local condition_match 0 1 3 <nil>"},
			{"off", nil, "false local flag_disabled -1 4 0 <nil>"},
			{"far", nil, "x remote condition_match 0 9 2 <nil>"},
			{"none", nil, `unknown default  -1 0 0 ph: flag "none" is unknown: flag_missing`},
			{"pro", []ph.Option{ph.OnlyLocally()}, `unknown default  -1 0 0 ph: flag "pro" is unknown: local_evaluation_inconclusive: local evaluation needs the person property "plan"`},
		} {
			d := b.FlagDetail(b.ctx, test.key, test.opts...)
			got := fmt.Sprint(d.Value, " ", d.Source, " ", d.Reason, " ", d.Condition, " ", d.ID, " ", d.Version, " ", d.Err)
			if got != test.want {
				t.Errorf("%s: got %s\nwant %s", test.key, got, test.want)
			}
		}
		b.close()
	})
}

func TestFlagPayload(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFlagBench(t, local)
		b.server.SetFlag("far", true, phtest.Payload([]int{1, 2}))
		var on struct{ N int }
		if err := b.FlagPayload(b.ctx, "on", &on); err != nil || on.N != 5 {
			t.Errorf("payload %+v, error %v, want n 5", on, err)
		}
		var blue string
		if err := b.FlagPayload(b.ctx, "split", &blue); err != nil || blue != "blue" {
			t.Errorf("payload %q, error %v, want blue", blue, err)
		}
		var far []int
		if err := b.FlagPayload(b.ctx, "far", &far); err != nil || !cmp.Equal(far, []int{1, 2}) {
			t.Errorf("payload %v, error %v, want 1, 2", far, err)
		}
		for _, key := range []string{"off", "none"} {
			if err := b.FlagPayload(b.ctx, key, &far); !errors.Is(err, ph.ErrNoPayload) {
				t.Errorf("payload of %s: %v, want ErrNoPayload", key, err)
			}
		}
		if err := b.FlagPayload(b.ctx, "split", &far); err == nil || errors.Is(err, ph.ErrNoPayload) {
			t.Errorf("payload of another type: %v, want the error of encoding/json", err)
		}
		if got := b.called(); len(got) != 0 {
			t.Errorf("reading payloads sent %v", got)
		}
		b.close()
	})
}

// A scope asks once for a flag, whoever reads it, and once for all of them.
func TestScopeRemembers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFlagBench(t, nil)
		b.server.SetFlag("far", true)
		b.server.SetFlag("near", "x")
		b.wantFlag(b.ctx, "far", "true")
		b.wantFlag(ph.With(b.ctx, ph.Tag("k", 1)), "far", "true")
		b.wantFlag(b.ctx, "far", "true")
		b.wantRequests(1, 0)
		b.wantFlag(b.ctx, "near", "x")
		b.wantRequests(2, 0)
		for range 2 {
			all, err := b.AllFlags(b.ctx)
			if err != nil || len(all) != 2 {
				t.Errorf("all flags are %v, %v, want 2", all, err)
			}
		}
		b.wantFlag(b.ctx, "none", "unknown")
		b.wantRequests(3, 0)

		b.wantFlag(ph.With(b.ctx, ph.User("u2")), "far", "true") // somebody else
		b.wantRequests(4, 0)
		b.wantFlag(b.ctx, "far", "true", ph.As("u3"))
		b.wantRequests(5, 0)
		ph.SetUser(b.ctx, "u4")
		b.wantFlag(b.ctx, "far", "true")
		b.wantRequests(6, 0)

		for range 2 { // no scope, no memory
			b.wantFlag(t.Context(), "far", "true", ph.As("u1"))
		}
		b.wantRequests(8, 0)
		b.close()
	})
}

// Callers that ask for the same share a request.
func TestFlagsShareARequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFlagBench(t, nil)
		b.server.SetFlag("far", true)
		b.server.Reply(0, phtest.On("/flags/"), phtest.Delay(time.Second))
		done := make(chan string)
		for range 20 {
			go func() {
				v, _ := b.Flag(b.ctx, "far")
				done <- v.String()
			}()
		}
		for range 20 {
			<-done
		}
		b.wantRequests(1, 0)
		b.close()
	})
}

// Whatever the server does, reading all flags that a request needs takes FlagTimeout once.
func TestFlagTimeout(t *testing.T) {
	for _, change := range []func(*ph.Config){nil, local} {
		synctest.Test(t, func(t *testing.T) {
			b := newFlagBench(t, change, func(s *phtest.Server) { s.Reply(0, phtest.Hang(), phtest.Times(100)) })
			start := time.Now()
			for i := range 10 {
				d := b.FlagDetail(b.ctx, fmt.Sprint("flag", i))
				var fe *ph.FlagError
				if !errors.As(d.Err, &fe) || fe.Code != "timeout" {
					t.Errorf("flag %d: %v, want a timeout", i, d.Err)
				}
			}
			if took := time.Since(start); took != 3*time.Second {
				t.Errorf("ten flags took %v, want 3s", took)
			}
			if s, err := b.EvaluateFlags(b.ctx, ph.FlagQuery{}); err == nil || len(s.Keys()) != 0 {
				t.Errorf("a snapshot of %v, %v, want an error", s.Keys(), err)
			}
			if took := time.Since(start); took != 3*time.Second {
				t.Errorf("with a snapshot it took %v, want 3s", took)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			defer cancel()
			b.Close(ctx)
		})
	}
}

func TestFlagErrors(t *testing.T) {
	for _, test := range []struct {
		name     string
		break_   func(s *phtest.Server)
		want     string
		requests int
	}{
		{"401", func(s *phtest.Server) { s.Reply(401, phtest.On("/flags/"), phtest.Times(9)) }, "api_error_401", 1},
		{"429", func(s *phtest.Server) { s.Reply(429, phtest.On("/flags/"), phtest.Times(9)) }, "api_error_429", 1},
		{"500", func(s *phtest.Server) { s.Reply(500, phtest.On("/flags/"), phtest.Times(9)) }, "api_error_500", 1},
		{"502", func(s *phtest.Server) { s.Reply(502, phtest.On("/flags/"), phtest.Times(9)) }, "api_error_502", 2},
		{"reset", func(s *phtest.Server) { s.Reply(0, phtest.Reset(0), phtest.On("/flags/"), phtest.Times(9)) }, "connection_error", 2},
		{"garbage", func(s *phtest.Server) {
			s.Reply(200, phtest.Body("text/html", []byte("<html>")), phtest.On("/flags/"), phtest.Times(9))
		}, "unknown_error", 1},
		{"quota", func(s *phtest.Server) { s.LimitFlags(true) }, "quota_limited", 1},
		{"missing", func(s *phtest.Server) { s.RemoveFlag("far") }, "flag_missing", 1},
		{"computing", func(s *phtest.Server) { s.RemoveFlag("far"); s.FailFlags(true) }, "errors_while_computing_flags,flag_missing", 1},
		{"failed", func(s *phtest.Server) { s.SetFlag("far", true, phtest.Failed()) }, "errors_while_computing_flags,evaluation_failed", 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newFlagBench(t, nil)
				b.server.SetFlag("far", true)
				test.break_(b.server)
				for range 2 { // the second reading is out of memory
					d := b.FlagDetail(b.ctx, "far")
					var fe *ph.FlagError
					if !errors.As(d.Err, &fe) || fe.Code != test.want {
						t.Errorf("got %v, want %s", d.Err, test.want)
					}
				}
				b.wantRequests(test.requests, 0)
				want := []map[string]any{{
					"$feature_flag": "far", "$feature_flag_response": nil, "$feature/far": nil,
					"locally_evaluated": false, "$feature_flag_error": test.want,
				}}
				if diff := cmp.Diff(want, b.called()); diff != "" {
					t.Errorf("$feature_flag_called (-want +got):\n%s", diff)
				}
				b.close()
			})
		})
	}
}

func TestFlagCalled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFlagBench(t, local)
		b.server.SetFlag("far", "x", phtest.Metadata(9, 2), phtest.Payload(7))
		ctx := ph.With(b.ctx, ph.Group("company", "c1"), ph.GroupFlagProperties("team", "t1", nil), ph.Device("d1"), ph.Session("s1"), ph.Tag("tag", 1))
		for range 3 {
			b.wantFlag(ctx, "on", "true")
			b.wantFlag(ctx, "far", "x")
		}
		b.wantFlag(ctx, "split", "b", ph.NoExposure())
		b.wantFlag(ph.With(ctx, ph.OptOut()), "split", "b")
		b.wantFlag(ph.With(ctx, ph.NoExposure()), "split", "b")
		got := b.called()
		common := map[string]any{"$groups": map[string]any{"company": "c1", "team": "t1"}, "$device_id": "d1", "$session_id": "s1", "tag": 1.0, "$context_tags": []any{"tag"}}
		want := []map[string]any{
			{
				"$feature_flag": "on", "$feature_flag_response": true, "$feature/on": true, "locally_evaluated": true,
				"$feature_flag_id": 1.0, "$feature_flag_version": 3.0, "$feature_flag_reason": "Evaluated locally",
				"$feature_flag_payload":               map[string]any{"n": 5.0},
				"$feature_flag_definitions_loaded_at": float64(time.Now().UnixMilli()),
			},
			{
				"$feature_flag": "far", "$feature_flag_response": "x", "$feature/far": "x", "locally_evaluated": false,
				"$feature_flag_id": 9.0, "$feature_flag_version": 2.0, "$feature_flag_reason": got[1]["$feature_flag_reason"],
				"$feature_flag_payload": 7.0, "$feature_flag_has_experiment": false,
				"$feature_flag_request_id": got[1]["$feature_flag_request_id"], "$feature_flag_evaluated_at": got[1]["$feature_flag_evaluated_at"],
			},
		}
		for _, w := range want {
			for key, v := range common {
				w[key] = v
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("$feature_flag_called (-want +got):\n%s", diff)
		}
		if got[1]["$feature_flag_reason"] == nil || got[1]["$feature_flag_request_id"] == nil || got[1]["$feature_flag_evaluated_at"] == nil {
			t.Errorf("what the server said is missing: %v", got[1])
		}
		b.close()
	})
}

// A reading is new for another user, value, group or device, and only then.
func TestFlagCalledOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFlagBench(t, nil)
		count := func(want int) {
			t.Helper()
			if got := len(b.called()); got != want {
				t.Errorf("%d events, want %d", got, want)
			}
		}
		read := func(opts ...ph.ScopeOption) {
			ctx := ph.With(t.Context(), append([]ph.ScopeOption{ph.UseClient(b.Client), ph.User("u1")}, opts...)...)
			b.Flag(ctx, "far")
		}
		b.server.SetFlag("far", true)
		read()
		read()
		count(1)
		b.server.SetFlag("far", "true") // another value than on
		read()
		count(2)
		b.server.SetFlag("far", true) // known
		read()
		count(2)
		read(ph.User("u2"))
		count(3)
		read(ph.Group("company", "c1"))
		read(ph.Group("company", "c1"), ph.Group("team", "t1"))
		read(ph.Group("team", "t1"), ph.Group("company", "c1"))
		count(5)
		read(ph.Device("d1"))
		count(6)
		b.server.RemoveFlag("far")
		read()
		count(7)
		b.close()
	})
}

// A reading whose event finds the queue full is told later, and nobody waits for room.
func TestFlagCalledRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFlagBench(t, func(cfg *ph.Config) {
			local(cfg)
			cfg.QueueSize, cfg.OnFull = 2, ph.Block
		})
		b.FlagsReady(t.Context())
		b.server.Down(503)
		ph.Capture(b.ctx, "e", nil)
		ph.Capture(b.ctx, "e", nil)
		start := time.Now()
		b.wantFlag(b.ctx, "on", "true")
		if took := time.Since(start); took != 0 {
			t.Errorf("reading a flag took %v", took)
		}
		b.server.Up()
		if err := b.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		b.wantFlag(b.ctx, "on", "true")
		if got := len(b.called()); got != 1 {
			t.Errorf("%d events, want 1", got)
		}
		b.close()
	})
}

// With the project's leave, a flag without an experiment is told in few words.
func TestFlagCalledMinimal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFlagBench(t, func(cfg *ph.Config) { cfg.SuperProperties = ph.Props{"super": 1} })
		b.server.MinimalFlagEvents(true)
		b.server.SetFlag("far", true, phtest.Payload(1))
		b.server.SetFlag("test", true, phtest.Experiment())
		ctx := ph.With(b.ctx, ph.Tag("tag", 1), ph.Session("s1"), ph.Device("d1"), ph.Group("company", "c1"))
		b.wantFlag(ctx, "far", "true")
		b.wantFlag(ctx, "test", "true")
		got := b.called()
		small := map[string]any{
			"$feature_flag": "far", "$feature_flag_response": true, "locally_evaluated": false, "$feature_flag_has_experiment": false,
			"$feature_flag_id": 1.0, "$feature_flag_version": 1.0, "$feature_flag_reason": got[0]["$feature_flag_reason"],
			"$feature_flag_request_id": got[0]["$feature_flag_request_id"], "$feature_flag_evaluated_at": got[0]["$feature_flag_evaluated_at"],
			"$session_id": "s1", "$device_id": "d1", "$groups": map[string]any{"company": "c1"},
		}
		if diff := cmp.Diff(small, got[0]); diff != "" {
			t.Errorf("minimal $feature_flag_called (-want +got):\n%s", diff)
		}
		for _, key := range []string{"super", "tag", "$context_tags", "$feature/test"} {
			if _, ok := got[1][key]; !ok {
				t.Errorf("the flag of an experiment has no %s", key)
			}
		}
		b.close()
	})
}

func TestSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFlagBench(t, local)
		b.server.SetFlag("pro", true)
		b.server.SetFlag("on", false) // local wins
		b.server.SetFlag("far", "x", phtest.Payload("p"))
		s, err := b.EvaluateFlags(b.ctx, ph.FlagQuery{})
		if err != nil {
			t.Fatal(err)
		}
		b.wantRequests(1, 1)
		if diff := cmp.Diff([]string{"far", "off", "on", "pro", "split"}, s.Keys()); diff != "" {
			t.Errorf("keys (-want +got):\n%s", diff)
		}
		var far string
		if s.Payload("far", &far); far != "p" {
			t.Errorf("payload %q, want p", far)
		}
		if got := b.called(); len(got) != 0 {
			t.Errorf("nothing was read, and %v sent", got)
		}
		if !s.Enabled("on") || s.Enabled("off") || s.Variant("split") != "b" || s.Enabled("none") {
			t.Error("on, off, split or none is wrong")
		}
		if got := len(b.called()); got != 4 {
			t.Errorf("%d readings sent, want 4", got)
		}
		ph.Capture(b.ctx, "e", ph.Props{"$feature/on": "mine"}, ph.WithFlags(s.Accessed()))
		ph.Capture(b.ctx, "e", nil, ph.WithFlags(s.Only("off")))
		var nothing *ph.FlagSnapshot
		ph.Capture(b.ctx, "e", nil, ph.WithFlags(nothing))
		want := []map[string]any{
			{"$feature/on": "mine", "$feature/off": false, "$feature/split": "b", "$active_feature_flags": []any{"on", "split"}},
			{"$feature/off": false},
			{},
		}
		if diff := cmp.Diff(want, b.features("e")); diff != "" {
			t.Errorf("events (-want +got):\n%s", diff)
		}
		text, err := json.Marshal(s.Bootstrap(""))
		if err != nil {
			t.Fatal(err)
		}
		const bootstrap = `{"distinctID":"u1","isIdentifiedID":true,"featureFlags":{"far":"x","off":false,"on":true,"pro":true,"split":"b"},"featureFlagPayloads":{"far":"p","on":{"n":5},"split":"blue"}}`
		if string(text) != bootstrap {
			t.Errorf("bootstrap is\n%s, want\n%s", text, bootstrap)
		}
		b.close()
	})
}

// features returns what the events of a name say about flags.
func (b *flagBench) features(name string) []map[string]any {
	b.t.Helper()
	if err := b.Flush(b.t.Context()); err != nil {
		b.t.Fatal(err)
	}
	var all []map[string]any
	for _, e := range b.server.Events() {
		if e.Event() != name {
			continue
		}
		var event struct{ Properties map[string]any }
		if err := json.Unmarshal([]byte(e.String()), &event); err != nil {
			b.t.Fatal(err)
		}
		got := map[string]any{}
		for key, v := range event.Properties {
			if len(key) > 9 && key[:9] == "$feature/" || key == "$active_feature_flags" {
				got[key] = v
			}
		}
		all = append(all, got)
	}
	return all
}

func TestSendFlags(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFlagBench(t, nil)
		b.server.SetFlag("far", "x")
		b.server.SetFlag("near", true)
		ph.Capture(b.ctx, "all", nil, ph.SendFlags())
		ph.Capture(b.ctx, "some", nil, ph.SendFlags("far", "none"))
		if diff := cmp.Diff([]map[string]any{{"$feature/far": "x", "$feature/near": true, "$active_feature_flags": []any{"far", "near"}}}, b.features("all")); diff != "" {
			t.Errorf("all (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]map[string]any{{"$feature/far": "x", "$active_feature_flags": []any{"far"}}}, b.features("some")); diff != "" {
			t.Errorf("some (-want +got):\n%s", diff)
		}
		b.wantRequests(1, 0)
		b.server.Reply(500, phtest.On("/flags/"))
		ph.Capture(b.ctx, "none", nil, ph.As("u2"), ph.SendFlags())
		if diff := cmp.Diff([]map[string]any{{}}, b.features("none")); diff != "" {
			t.Errorf("none (-want +got):\n%s", diff)
		}
		b.close()

		b = newFlagBench(t, local)
		b.server.SetFlag("pro", true)
		ph.Capture(b.ctx, "local", nil, ph.SendFlags())
		if diff := cmp.Diff([]map[string]any{{"$feature/on": true, "$feature/off": false, "$feature/split": "b", "$active_feature_flags": []any{"on", "split"}}}, b.features("local")); diff != "" {
			t.Errorf("local (-want +got):\n%s", diff)
		}
		b.wantRequests(0, 1)
		b.close()
	})
}

// What the wire carries is exactly what PostHog's servers and their test harness want.
func TestFlagRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFlagBench(t, nil)
		ctx := ph.With(b.ctx, ph.Device("d1"), ph.Group("company", "c1"),
			ph.PersonFlagProperties(ph.Props{"plan": "pro", "seats": json.Number("12345678901234567890")}),
			ph.GroupFlagProperties("team", "t1", ph.Props{"size": 3}))
		b.Flag(ctx, "far")
		b.Flag(b.ctx, "far", ph.GeoIP(true))
		no, yes := false, true
		got := b.server.FlagRequests()
		want := []phtest.FlagRequest{
			{
				Path: "/flags/", Status: 200, DistinctID: "u1", DeviceID: "d1", Keys: []string{"far"}, GeoIPDisable: &yes,
				Groups:           map[string]any{"company": "c1", "team": "t1"},
				PersonProperties: map[string]any{"plan": "pro", "seats": json.Number("12345678901234567890")},
				GroupProperties:  map[string]map[string]any{"company": {"$group_key": "c1"}, "team": {"$group_key": "t1", "size": json.Number("3")}},
			},
			{
				Path: "/flags/", Status: 200, DistinctID: "u1", Keys: []string{"far"}, GeoIPDisable: &no,
				Groups: map[string]any{}, PersonProperties: map[string]any{}, GroupProperties: map[string]map[string]any{},
			},
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("requests (-want +got):\n%s", diff)
		}
		b.close()
	})
}

func TestRemoteConfig(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFlagBench(t, local)
		b.server.SetRemoteConfig("limits", map[string]int{"rps": 7})
		var limits struct{ RPS int }
		if err := b.RemoteConfig(b.ctx, "limits", &limits); err != nil || limits.RPS != 7 {
			t.Errorf("remote config %+v, %v, want 7", limits, err)
		}
		var fe *ph.FlagError
		if err := b.RemoteConfig(b.ctx, "none", &limits); !errors.As(err, &fe) && !errors.Is(err, ph.ErrNoPayload) {
			t.Errorf("remote config of nothing: %v", err)
		}
		b.close()
	})
}

// Definitions follow the server's, whatever happens in between.
func TestDefinitionsFollow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		changes := 0
		b := newFlagBench(t, func(cfg *ph.Config) {
			local(cfg)
			cfg.OnFlagsChanged = func() { changes++ }
		})
		set := func(value bool) {
			b.server.SetDefinitions(fmt.Appendf(nil, `{"flags":[{"id":1,"key":"on","active":%v,"filters":{"groups":[{"properties":[],"rollout_percentage":100}]}}]}`, value))
		}
		pass := func(d time.Duration) { time.Sleep(d); synctest.Wait() }
		set(true)
		if !b.FlagsReady(t.Context()) {
			t.Error("flags are not ready")
		}
		b.wantFlag(b.ctx, "on", "true")
		set(false)
		b.wantFlag(b.ctx, "on", "true")
		pass(30 * time.Second)
		b.wantFlag(b.ctx, "on", "false")
		pass(5 * time.Minute) // 304
		b.wantFlag(b.ctx, "on", "false")
		if s := b.FlagsStatus(); s.Flags != 1 || s.Source != "api" || s.Age > 30*time.Second || s.Err != nil {
			t.Errorf("status %+v", s)
		}
		if changes != 2 {
			t.Errorf("%d changes told, want 2", changes)
		}
		b.server.Down(http.StatusServiceUnavailable)
		pass(10 * time.Minute)
		b.wantFlag(b.ctx, "on", "false")
		if s := b.FlagsStatus(); s.Flags != 1 || s.Age < 10*time.Minute || s.Err == nil {
			t.Errorf("status in an outage %+v", s)
		}
		b.server.Up()
		set(true)
		pass(31 * time.Second)
		b.wantFlag(b.ctx, "on", "true")
		b.server.Secret("phs_another") // ours is revoked
		pass(31 * time.Second)
		if s := b.FlagsStatus(); s.Flags != 0 || s.Err == nil {
			t.Errorf("status with a revoked key %+v", s)
		}
		b.wantFlag(b.ctx, "on", "unknown", ph.OnlyLocally())
		b.wantFlag(b.ctx, "on", "true") // the server says so
		b.close()
	})
}

// A flag that neither the definitions nor PostHog know is asked for once for each look at the
// definitions, and by whom makes no difference.
func TestFlagAbsent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFlagBench(t, local)
		read := func() {
			for i := range 5 {
				b.wantFlag(ph.With(b.ctx, ph.User(fmt.Sprint("u", i))), "none", "unknown")
				if s, err := b.EvaluateFlags(ph.With(b.ctx, ph.User("v")), ph.FlagQuery{Keys: []string{"none"}}); err != nil || s.Enabled("none") {
					t.Errorf("a snapshot of nothing: %v, %v", s.Keys(), err)
				}
			}
		}
		read()
		b.wantRequests(1, 1)
		time.Sleep(30 * time.Second)
		synctest.Wait()
		b.server.FailFlags(true) // now an answer without the flag says nothing
		read()
		b.wantRequests(11, 2)
		b.server.FailFlags(false)
		read()
		b.wantRequests(12, 2)
		b.close()
	})
}

// Readers, writers and whoever stops everything get along.
func TestFlagsConcurrently(t *testing.T) {
	server := phtest.NewMemoryServer(t)
	server.SetDefinitions([]byte(definitions))
	c, err := ph.New(ph.Config{
		APIKey: "phc_test", SecretKey: "phs_test", Host: server.URL, Transport: server, Logger: slog.New(slog.DiscardHandler),
		FlagPollEvery: 100 * time.Millisecond, OnFlagsChanged: func() {},
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx := ph.With(t.Context(), ph.UseClient(c), ph.User("u1"))
	stop := make(chan struct{})
	var running sync.WaitGroup
	for i, act := range []func(n int){
		func(n int) { demo.Variant(ctx, n%len(demo.Flags)) },
		func(n int) { demo.Variant(demo.Load(ctx), n%len(demo.Flags)) },
		func(n int) { ph.SetUser(ctx, fmt.Sprint("u", n%7)) },
		func(n int) { c.Flag(ctx, "far", ph.As(fmt.Sprint("v", n))) },
		func(int) {
			s, err := c.EvaluateFlags(ctx, ph.FlagQuery{})
			if err == nil && s.Variant("split") != "b" {
				t.Errorf("split is %q", s.Variant("split"))
			}
			ph.Capture(ctx, "e", nil, ph.WithFlags(s))
		},
		func(int) { ph.Capture(ctx, "e", nil, ph.SendFlags()) },
		func(int) { c.ReloadFlags(ctx); c.FlagsStatus() },
		func(n int) { server.SetDefinitions([]byte(definitions + strings.Repeat(" ", n%5))) },
		func(int) { c.RemoteConfig(ctx, "limits", new(any)) },
	} {
		running.Go(func() {
			for n := i; ; n++ {
				select {
				case <-stop:
					return
				default:
					act(n)
				}
			}
		})
	}
	time.Sleep(300 * time.Millisecond)
	if err := c.Close(t.Context()); err != nil {
		t.Error(err)
	}
	close(stop)
	running.Wait()
	if s := c.Stats(); s.Accepted != s.Sent {
		t.Errorf("accepted %d, sent %d", s.Accepted, s.Sent)
	}
}

// What the client of a call sends about flags goes to its own project, whatever the context's.
func TestFlagCalledByItsClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newFlagBench(t, local)
		b.wantFlag(t.Context(), "on", "true", ph.As("u1"))
		other := newFlagBench(t, nil)
		b.wantFlag(other.ctx, "split", "b")
		if got := b.called(); len(got) != 2 {
			t.Errorf("sent %v, want two readings", got)
		}
		if got := other.called(); len(got) != 0 {
			t.Errorf("the scope's client sent %v", got)
		}
		if s, err := b.EvaluateFlags(t.Context(), ph.FlagQuery{Groups: map[string]string{"company": "c1"}}); err == nil || len(s.Keys()) != 0 {
			t.Errorf("a snapshot of nobody: %v, %v", s.Keys(), err)
		}
		b.close()
		other.close()
	})
}

// Nil, disabled, closed and without anybody to ask about: nothing happens.
func TestFlagInert(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var none *ph.Client
		if v, ok := none.Flag(t.Context(), "on"); ok || v.Known() {
			t.Error("a nil client knows a flag")
		}
		if s, err := none.EvaluateFlags(t.Context(), ph.FlagQuery{DistinctID: "u1"}); err == nil || s.Enabled("on") {
			t.Error("a nil client has a snapshot")
		}
		none.ReloadFlags(t.Context())
		none.FlagsReady(t.Context())
		if s := none.FlagsStatus(); s != (ph.FlagsStatus{}) {
			t.Errorf("status of a nil client %+v", s)
		}
		var snap *ph.FlagSnapshot
		snap.Only("x").Accessed().Bootstrap("u")
		if snap.Enabled("x") || snap.Variant("x") != "" || snap.Keys() != nil || snap.Payload("x", nil) == nil {
			t.Error("a nil snapshot knows a flag")
		}

		b := newFlagBench(t, func(cfg *ph.Config) { cfg.Disabled = true; local(cfg) })
		b.wantFlag(b.ctx, "on", "unknown")
		b.wantRequests(0, 0)
		b.SetDisabled(false)
		b.wantFlag(b.ctx, "on", "true")
		b.SetDisabled(true)
		b.wantFlag(b.ctx, "on", "unknown")
		time.Sleep(time.Hour)
		b.wantRequests(0, 1)
		b.SetDisabled(false)
		b.wantFlag(t.Context(), "on", "unknown") // nobody
		b.wantFlag(b.ctx, "on", "true")
		b.close()
		b.wantFlag(b.ctx, "on", "true")
		b.wantFlag(b.ctx, "pro", "unknown")
		b.wantRequests(0, 2)
	})
}
