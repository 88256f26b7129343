package runtime

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// Super properties beat the event's own, which beat the call's context properties, the
// inner scope's tags and the outer's; $context_tags names the tags that are left. The
// keys are many, so that their hashes collide.
func TestPrecedence(t *testing.T) {
	var pool []string
	for i := range 60 {
		pool = append(pool, fmt.Sprintf("k%d", i*i), fmt.Sprintf(`k"%d`, i))
	}
	layer := rapid.SliceOfNDistinct(rapid.SampledFrom(pool), 0, 12, rapid.ID[string])
	rapid.Check(t, func(rt *rapid.T) {
		super, own, call := layer.Draw(rt, "super"), layer.Draw(rt, "own"), layer.Draw(rt, "call")
		inner, outer := layer.Draw(rt, "inner"), layer.Draw(rt, "outer")
		untyped := rapid.Bool().Draw(rt, "untyped")
		r := newRig(t, func(c *Config) { c.SuperProperties = toProps(super, "super") })
		ctx := With(r.ctx(toTags(outer, "outer")...), toTags(inner, "inner")...)
		var opts []Option
		for _, k := range call {
			opts = append(opts, ContextString(&Prop{Key: keyText(k)}, "call"))
		}
		if untyped {
			Capture(ctx, "e", toProps(own, "own"), opts...)
		} else {
			capturePlanned(ctx, own, opts)
		}

		want := make(map[string]any)
		for name, keys := range map[string][]string{"outer": outer, "inner": inner, "call": call} {
			for _, k := range keys {
				if want[k] != "call" && (want[k] != "inner" || name == "call") {
					want[k] = name
				}
			}
		}
		maps.DeleteFunc(want, func(k string, _ any) bool { return slices.Contains(own, k) || slices.Contains(super, k) })
		if names := slices.Sorted(maps.Keys(want)); len(names) > 0 {
			slices.SortFunc(names, func(a, b string) int { return slices.Compare([]byte(keyText(a)), []byte(keyText(b))) })
			var list []any
			for _, k := range names {
				list = append(list, k)
			}
			want[keyTags] = list
		}
		maps.Copy(want, toProps(own, "own"))
		maps.Copy(want, toProps(super, "super"))
		var got map[string]any
		if err := json.Unmarshal([]byte("{"+r.props()+"}"), &got); err != nil {
			rt.Fatal(err)
		}
		if diff := cmp.Diff(got, want); diff != "" {
			rt.Fatalf("properties (-got +want):\n%s", diff)
		}
		_ = r.c.Close(t.Context())
	})
}

func toProps(keys []string, v string) Props {
	props := make(Props)
	for _, k := range keys {
		props[k] = v
	}
	return props
}

func toTags(keys []string, v string) []ScopeOption {
	var tags []ScopeOption
	for _, k := range keys {
		tags = append(tags, Tag(k, v))
	}
	return tags
}

// capturePlanned sends an event that has the keys in its plan.
func capturePlanned(ctx context.Context, keys []string, opts []Option) {
	spec := &EventSpec{Name: "e"}
	for _, k := range keys {
		spec.Props = append(spec.Props, Prop{Key: keyText(k)})
	}
	_, _ = probe{spec, func(w *Writer, p []Prop) {
		for i := range p {
			w.String(&p[i], "own")
		}
	}}.TryCapture(ctx, opts...)
}
