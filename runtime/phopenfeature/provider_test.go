package phopenfeature_test

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/open-feature/go-sdk/openfeature"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/runtime/phopenfeature"
	"github.com/phgen/phgen/runtime/phtest"
)

// definitions have a flag for each thing that a flag may say to ann.
const definitions = `{"group_type_mapping":{"0":"organization"},"cohorts":{},"flags":[
	{"id":1,"version":3,"key":"on","active":true,"filters":{"groups":[{"properties":[],"rollout_percentage":100}]}},
	{"id":2,"key":"blue","active":true,"filters":{"groups":[{"properties":[],"rollout_percentage":100}],
		"multivariate":{"variants":[{"key":"blue","rollout_percentage":100}]}}},
	{"id":3,"key":"twenty","active":true,"filters":{"groups":[{"properties":[],"rollout_percentage":100}],
		"multivariate":{"variants":[{"key":"20","rollout_percentage":100}]}}},
	{"id":4,"key":"text","active":true,"filters":{"groups":[{"properties":[],"rollout_percentage":100}],"payloads":{"true":"\"hello\""}}},
	{"id":5,"key":"int","active":true,"filters":{"groups":[{"properties":[],"rollout_percentage":100}],"payloads":{"true":"9007199254740993"}}},
	{"id":6,"key":"round","active":true,"filters":{"groups":[{"properties":[],"rollout_percentage":100}],"payloads":{"true":"1e3"}}},
	{"id":7,"key":"float","active":true,"filters":{"groups":[{"properties":[],"rollout_percentage":100}],"payloads":{"true":"2.5"}}},
	{"id":8,"key":"object","active":true,"filters":{"groups":[{"properties":[],"rollout_percentage":100}],"payloads":{"true":"{\"a\":[1]}"}}},
	{"id":9,"key":"list","active":true,"filters":{"groups":[{"properties":[],"rollout_percentage":100}],"payloads":{"true":"[1,2]"}}},
	{"id":10,"key":"null","active":true,"filters":{"groups":[{"properties":[],"rollout_percentage":100}],"payloads":{"true":"null"}}},
	{"id":11,"key":"junk","active":true,"filters":{"groups":[{"properties":[],"rollout_percentage":100}],"payloads":{"true":"{oops"}}},
	{"id":12,"key":"huge","active":true,"filters":{"groups":[{"properties":[],"rollout_percentage":100}],"payloads":{"true":"1e999"}}},
	{"id":19,"key":"quoted","active":true,"filters":{"groups":[{"properties":[],"rollout_percentage":100}],"payloads":{"true":"\"5\""}}},
	{"id":20,"key":"inexact","active":true,"filters":{"groups":[{"properties":[],"rollout_percentage":100}],"payloads":{"true":"9007199254740993.0"}}},
	{"id":13,"key":"disabled","active":false,"filters":{"groups":[{"properties":[],"rollout_percentage":100}],"payloads":{"true":"1"}}},
	{"id":14,"key":"unmatched","active":true,"filters":{"groups":[{"properties":[{"key":"plan","value":["free"],"operator":"exact","type":"person"}],"rollout_percentage":100}]}},
	{"id":15,"key":"rolled out","active":true,"filters":{"groups":[{"properties":[],"rollout_percentage":0}]}},
	{"id":16,"key":"undecided","active":true,"filters":{"groups":[{"properties":[{"key":"city","value":["Rome"],"operator":"exact","type":"person"}],"rollout_percentage":100}]}},
	{"id":17,"key":"by group","active":true,"filters":{"aggregation_group_type_index":0,"groups":[
		{"properties":[{"key":"seats","value":"5","operator":"gte","type":"group","group_type_index":0}],"rollout_percentage":100}]}},
	{"id":18,"key":"by device","active":true,"bucketing_identifier":"device_id","filters":{"groups":[{"properties":[],"rollout_percentage":50}]}}
]}`

var ann = openfeature.FlattenedContext{openfeature.TargetingKey: "ann", "plan": "pro"}

// newClient returns a client of the server, which is closed when the test ends.
func newClient(t testing.TB, server *phtest.Server, change func(*ph.Config)) *ph.Client {
	t.Helper()
	cfg := ph.Config{APIKey: "phc_x", Host: server.URL, Transport: server, Logger: slog.New(slog.DiscardHandler)}
	if change != nil {
		change(&cfg)
	}
	client, err := ph.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel() // nobody waits for events that are left
		client.Close(ctx)
	})
	return client
}

// locally makes a client evaluate by definitions and ask for nothing else.
func locally(cfg *ph.Config) {
	cfg.SecretKey = "phs_x"
	cfg.LocalFlagsOnly = true
}

// A resolution is what an evaluation gives, whatever the kind of value.
type resolution struct {
	Value   any
	Reason  openfeature.Reason
	Variant string
	Error   string // code and message
}

func of[T any](d openfeature.GenericResolutionDetail[T]) resolution {
	r := resolution{Value: d.Value, Reason: d.Reason, Variant: d.Variant}
	if err := d.Error(); err != nil {
		r.Error = err.Error()
	}
	return r
}

// evaluate asks for a value of one of the five kinds, with a default that no flag gives.
func evaluate(ctx context.Context, p *phopenfeature.Provider, kind, flag string, who openfeature.FlattenedContext) resolution {
	switch kind {
	case "boolean":
		return of(p.BooleanEvaluation(ctx, flag, true, who))
	case "string":
		return of(p.StringEvaluation(ctx, flag, "default", who))
	case "int":
		return of(p.IntEvaluation(ctx, flag, -1, who))
	case "float":
		return of(p.FloatEvaluation(ctx, flag, -1.5, who))
	}
	return of(p.ObjectEvaluation(ctx, flag, "default", who))
}

func TestEvaluation(t *testing.T) {
	const (
		match    = openfeature.TargetingMatchReason
		split    = openfeature.SplitReason
		disabled = openfeature.DisabledReason
		defaults = openfeature.DefaultReason
		failed   = openfeature.ErrorReason

		notText = `" is "true", and its payload for that is not text`
		notInt  = `" is "true", and its payload for that is not a whole number of 64 bits`
		notNum  = `" is "true", and its payload for that is not a number`
		notObj  = `" is "true", and its payload for that is not an object or a list`
	)
	tests := []struct {
		kind, flag string
		want       resolution
	}{
		{"boolean", "on", resolution{true, match, "true", ""}},
		{"boolean", "blue", resolution{true, split, "blue", ""}}, // a variant is on, and no mismatch
		{"boolean", "object", resolution{true, match, "true", ""}},
		{"boolean", "disabled", resolution{false, disabled, "false", ""}},
		{"boolean", "unmatched", resolution{false, defaults, "false", ""}},
		{"boolean", "rolled out", resolution{false, split, "false", ""}},

		{"string", "blue", resolution{"blue", split, "blue", ""}},
		{"string", "text", resolution{"hello", match, "true", ""}},
		{"string", "junk", resolution{"{oops", match, "true", ""}}, // text need not be JSON
		{"string", "disabled", resolution{"default", disabled, "false", ""}},
		{"string", "unmatched", resolution{"default", defaults, "false", ""}},
		{"string", "rolled out", resolution{"default", split, "false", ""}},
		{"string", "on", resolution{"default", failed, "", `TYPE_MISMATCH: flag "on` + notText}},
		{"string", "int", resolution{"default", failed, "", `TYPE_MISMATCH: flag "int` + notText}},
		{"string", "null", resolution{"default", failed, "", `TYPE_MISMATCH: flag "null` + notText}},

		{"int", "int", resolution{int64(9007199254740993), match, "true", ""}}, // no float64
		{"int", "round", resolution{int64(1000), match, "true", ""}},
		{"int", "twenty", resolution{int64(20), split, "20", ""}},
		{"int", "disabled", resolution{int64(-1), disabled, "false", ""}},
		{"int", "unmatched", resolution{int64(-1), defaults, "false", ""}},
		{"int", "on", resolution{int64(-1), failed, "", `TYPE_MISMATCH: flag "on` + notInt}},
		{"int", "float", resolution{int64(-1), failed, "", `TYPE_MISMATCH: flag "float` + notInt}},
		{"int", "huge", resolution{int64(-1), failed, "", `TYPE_MISMATCH: flag "huge` + notInt}},
		{"int", "quoted", resolution{int64(-1), failed, "", `TYPE_MISMATCH: flag "quoted` + notInt}},
		{"int", "inexact", resolution{int64(-1), failed, "", `TYPE_MISMATCH: flag "inexact` + notInt}},
		{"int", "text", resolution{int64(-1), failed, "", `TYPE_MISMATCH: flag "text` + notInt}},
		{"int", "null", resolution{int64(-1), failed, "", `TYPE_MISMATCH: flag "null` + notInt}},
		{"int", "blue", resolution{int64(-1), failed, "", `TYPE_MISMATCH: flag "blue" is "blue", and its payload for that is not a whole number of 64 bits`}},
		{"int", "junk", resolution{int64(-1), failed, "", `PARSE_ERROR: the payload of flag "junk" for "true" is no JSON`}},

		{"float", "float", resolution{2.5, match, "true", ""}},
		{"float", "round", resolution{1000.0, match, "true", ""}},
		{"float", "twenty", resolution{20.0, split, "20", ""}},
		{"float", "disabled", resolution{-1.5, disabled, "false", ""}},
		{"float", "unmatched", resolution{-1.5, defaults, "false", ""}},
		{"float", "object", resolution{-1.5, failed, "", `TYPE_MISMATCH: flag "object` + notNum}},
		{"float", "huge", resolution{-1.5, failed, "", `TYPE_MISMATCH: flag "huge` + notNum}},
		{"float", "junk", resolution{-1.5, failed, "", `PARSE_ERROR: the payload of flag "junk" for "true" is no JSON`}},

		{"object", "object", resolution{map[string]any{"a": []any{1.0}}, match, "true", ""}},
		{"object", "list", resolution{[]any{1.0, 2.0}, match, "true", ""}},
		{"object", "disabled", resolution{"default", disabled, "false", ""}},
		{"object", "unmatched", resolution{"default", defaults, "false", ""}},
		{"object", "on", resolution{"default", failed, "", `TYPE_MISMATCH: flag "on` + notObj}},
		{"object", "int", resolution{"default", failed, "", `TYPE_MISMATCH: flag "int` + notObj}},
		{"object", "null", resolution{"default", failed, "", `TYPE_MISMATCH: flag "null` + notObj}},
		{"object", "junk", resolution{"default", failed, "", `PARSE_ERROR: the payload of flag "junk" for "true" is no JSON`}},

		{"boolean", "undecided", resolution{true, failed, "", `GENERAL: ph: flag "undecided" is unknown: local_evaluation_inconclusive: local evaluation needs the person property "city"`}},
	}
	server := phtest.NewMemoryServer(t)
	server.SetDefinitions([]byte(definitions))
	p := phopenfeature.New(newClient(t, server, locally))
	for _, tt := range tests {
		t.Run(tt.kind+" "+tt.flag, func(t *testing.T) {
			if diff := cmp.Diff(evaluate(t.Context(), p, tt.kind, tt.flag, ann), tt.want); diff != "" {
				t.Errorf("-got +want:\n%s", diff)
			}
		})
	}
}

// Whoever can not be asked at all is not ready, for every kind of value.
func TestNotReady(t *testing.T) {
	down := phtest.NewMemoryServer(t)
	down.Down(503)
	closed := newClient(t, down, nil)
	if err := closed.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	clients := map[string]*ph.Client{
		"closed":         closed,
		"no client":      nil,
		"disabled":       newClient(t, down, func(cfg *ph.Config) { cfg.Disabled = true }),
		"no definitions": newClient(t, down, locally),
	}
	for name, client := range clients {
		wantDefaults(t, name, client, "on", openfeature.ProviderNotReadyCode)
	}
}

// A flag that neither PostHog nor the definitions have is not found.
func TestMissing(t *testing.T) {
	server := phtest.NewMemoryServer(t)
	server.SetDefinitions([]byte(definitions))
	for name, change := range map[string]func(*ph.Config){
		"local":             locally,
		"remote":            nil,
		"local, and remote": func(cfg *ph.Config) { cfg.SecretKey = "phs_x" },
	} {
		wantDefaults(t, name, newClient(t, server, change), "gone", openfeature.FlagNotFoundCode)
	}
}

// wantDefaults fails the test unless the flag is an error for each kind of value.
func wantDefaults(t *testing.T, name string, client *ph.Client, flag string, code openfeature.ErrorCode) {
	t.Helper()
	p := phopenfeature.New(client)
	defaults := map[string]any{"boolean": true, "string": "default", "int": int64(-1), "float": -1.5, "object": "default"}
	for kind, value := range defaults {
		got := evaluate(t.Context(), p, kind, flag, ann)
		if got.Value != value || codeOf(got) != code || got.Reason != openfeature.ErrorReason || got.Variant != "" {
			t.Errorf("%s, %s: got %+v, want %v and %s", name, kind, got, value, code)
		}
	}
}

func codeOf(r resolution) openfeature.ErrorCode {
	code, _, _ := strings.Cut(r.Error, ":")
	return openfeature.ErrorCode(code)
}

// What PostHog says of a flag is passed on, whether or not it is known here.
func TestReasons(t *testing.T) {
	tests := []struct {
		reason string
		value  any
		want   openfeature.Reason
	}{
		{"condition_match", true, openfeature.TargetingMatchReason},
		{"condition_match", "blue", openfeature.SplitReason},
		{"super_condition_value", true, openfeature.TargetingMatchReason},
		{"out_of_rollout_bound", false, openfeature.SplitReason},
		{"holdout_condition_value", "holdout-1", openfeature.SplitReason},
		{"no_condition_match", false, openfeature.DefaultReason},
		{"no_group_type", false, openfeature.DefaultReason},
		{"missing_dependency", false, openfeature.DefaultReason},
		{"flag_disabled", false, openfeature.DisabledReason},
		{"full_moon", true, openfeature.UnknownReason},
	}
	for _, tt := range tests {
		t.Run(fmt.Sprint(tt.reason, " ", tt.value), func(t *testing.T) {
			server := phtest.NewMemoryServer(t)
			server.SetFlag("f", tt.value, phtest.Reason(tt.reason, 0), phtest.Metadata(7, 8))
			p := phopenfeature.New(newClient(t, server, nil))
			got := p.BooleanEvaluation(t.Context(), "f", false, ann)
			if got.Reason != tt.want || got.Variant != fmt.Sprint(tt.value) || got.Error() != nil {
				t.Errorf("got %s, %q, %v, want %s, %q, <nil>", got.Reason, got.Variant, got.Error(), tt.want, fmt.Sprint(tt.value))
			}
			want := openfeature.FlagMetadata{"source": "remote", "reason": tt.reason, "id": int64(7), "version": int64(8)}
			if diff := cmp.Diff(got.FlagMetadata, want); diff != "" {
				t.Errorf("metadata (-got +want):\n%s", diff)
			}
		})
	}
}

func TestReasonsOfOthers(t *testing.T) {
	server := phtest.NewMemoryServer(t)
	server.SetDefinitions([]byte(definitions))
	p := phopenfeature.New(newClient(t, server, locally))

	got := p.BooleanEvaluation(t.Context(), "on", false, ann)
	want := openfeature.FlagMetadata{"source": "local", "reason": "condition_match", "id": int64(1), "version": int64(3)}
	if diff := cmp.Diff(got.FlagMetadata, want); diff != "" {
		t.Errorf("local: metadata (-got +want):\n%s", diff)
	}

	ctx := ph.OverrideFlags(t.Context(), ph.OverrideVariant("on", "red"))
	str := p.StringEvaluation(ctx, "on", "", ann)
	if str.Value != "red" || str.Reason != openfeature.StaticReason || str.FlagMetadata["source"] != "override" {
		t.Errorf("override: got %+v", str)
	}

	server.LegacyFlags(true)
	server.SetFlag("f", true)
	old := phopenfeature.New(newClient(t, server, nil))
	got = old.BooleanEvaluation(t.Context(), "f", false, ann)
	if !got.Value || got.Reason != openfeature.UnknownReason {
		t.Errorf("older server: got %+v", got)
	}
	if diff := cmp.Diff(got.FlagMetadata, openfeature.FlagMetadata{"source": "remote"}); diff != "" {
		t.Errorf("older server: metadata (-got +want):\n%s", diff)
	}
}

// Trouble with PostHog is GENERAL, and the message says what it is.
func TestTrouble(t *testing.T) {
	tests := []struct {
		name  string
		cause func(*phtest.Server)
		code  openfeature.ErrorCode
		want  string // a part of the message
	}{
		{"missing", func(s *phtest.Server) {}, "FLAG_NOT_FOUND", "unknown: flag_missing"},
		{"quota", func(s *phtest.Server) { s.LimitFlags(true) }, "GENERAL", "unknown: quota_limited"},
		{"missing, and others fail", func(s *phtest.Server) { s.FailFlags(true) }, "GENERAL", "unknown: errors_while_computing_flags,flag_missing"},
		{"failed", func(s *phtest.Server) { s.SetFlag("f", true, phtest.Failed()) }, "GENERAL", "unknown: errors_while_computing_flags,evaluation_failed"},
		{"down", func(s *phtest.Server) { s.Down(500) }, "GENERAL", "unknown: api_error_500"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			server := phtest.NewMemoryServer(t)
			tt.cause(server)
			p := phopenfeature.New(newClient(t, server, nil))
			got := evaluate(t.Context(), p, "boolean", "f", ann)
			if codeOf(got) != tt.code || !strings.Contains(got.Error, tt.want) || got.Value != true {
				t.Errorf("got %v, %s, want true, %s: … %s", got.Value, got.Error, tt.code, tt.want)
			}
		})
	}
}
