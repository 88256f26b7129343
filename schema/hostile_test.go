package schema_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/phgen/phgen/schema"
)

const (
	// head begins every hostile plan that is to get beyond its first lines.
	head = "phgen: 1\nplan: {name: acme}\n"

	// patience is far above what any of these plans takes, so that only an
	// algorithm of the wrong order exceeds it, also on a slow machine under -race.
	patience = 20 * time.Second

	// allowance is the memory that reading one plan may take.
	allowance = 512 << 20
)

// Every plan here is read to its end, within bounds, and the first finding says
// what is wrong.
func TestHostilePlans(t *testing.T) {
	tests := []struct {
		name string
		src  string
		want string // code of the first finding; empty for none
	}{
		{"deep flow lists", head + "include: " + strings.Repeat("[", 200_000), "PH102"},
		{"deep closed flow lists", head + "include: " + strings.Repeat("[", 9_000) + strings.Repeat("]", 9_000), "PH112"},
		{"deep flow mappings", head + "include: " + strings.Repeat("{a: ", 200_000), "PH102"},
		{"deep block lists", head + "include:\n" + strings.Repeat("- ", 200_000), "PH102"},
		{"deep complex keys", head + strings.Repeat("? ", 200_000), "PH102"},
		{"alias bomb", head + bomb("[", "*%s,", "]"), "PH104"},
		{"merge bomb", head + bomb("{", "<<: *%s, ", "}"), "PH104"},
		{"alias of itself", head + "owners: &a {b: *a}\n", "PH104"},
		{"merge of itself", head + "owners: &a\n  <<: *a\n", "PH104"},
		{"unknown alias", head + "owners: *nobody\n", "PH104"},
		{"scalar of 9 MB", head + "owners: " + strings.Repeat("x", 9<<20), "PH112"},
		{"scalar of 65 KiB", "phgen: 1\nplan: {name: acme, description: " + strings.Repeat("x", 65<<10) + "}\n", "PH112"},
		{"key of 65 KiB", head + "? " + strings.Repeat("x", 65<<10) + "\n: 1\n", "PH112"},
		{"line of 3 MB", head + "# " + strings.Repeat("x", 3<<20) + "\n", ""},
		{"100,000 events", head + "events:\n" + many(100_000, "  e%d: {}\n"), "PH112"},
		{"10,001 events", head + "events:\n" + many(10_001, "  e%d: {}\n"), "PH112"},
		{"10,000 events", head + "events:\n" + many(10_000, "  e%d: {}\n"), ""},
		{"2,001 types", head + "types:\n" + many(2_001, "  T%d: {type: int}\n"), "PH112"},
		{"1,001 property sets", head + "property_sets:\n" + many(1_001, "  s%d: {}\n"), "PH112"},
		{"1,001 flags", head + "flags:\n" + many(1_001, "  f%d: {kind: boolean}\n"), "PH112"},
		{"201 experiments", head + "experiments:\n" + many(201, "  x%d: {variants: [a, b], control: a}\n"), "PH112"},
		{"201 surveys", head + "surveys:\n" + many(201, "  s%[1]d: {id: i%[1]d, questions: [{id: q, key: k, type: open}]}\n"), "PH112"},
		{"201 AI features", head + "ai:\n  features:\n" + many(201, "    f%d: {}\n"), "PH112"},
		{"duplicate among 100,000 keys", head + "owners:\n" + many(100_000, "  o%d: {}\n") + "  o5: {}\n", "PH105"},
		{"one key 100,000 times", head + "owners:\n" + strings.Repeat("  a: {}\n", 100_000), "PH105"},
		{"too much structure", head + "owners: [" + strings.Repeat("x,", 1_000_000) + "]\n", "PH112"},
		{"too many bare keys", head + "owners:\n" + strings.Repeat(" ?\r", 900_000), "PH112"},
		{"too many keys in braces", head + "owners: {" + strings.Repeat("x,", 980_000) + "}\n", "PH112"},
		{"as much structure as there may be", head + "owners: [" + strings.Repeat("x,", 990_000) + "]\n", "PH108"},
		{"300,000 unknown keys", head + many(300_000, "k%d:\n"), "PH107"},
		{"300,000 unknown nested keys", head + "events:\n a:\n" + many(300_000, "  k%d:\n"), "PH112"},
		{"900,000 comment lines", strings.Repeat("#\n", 900_000), "PH101"},
		{"900,000 comments between keys", head + strings.Repeat(" #\n", 900_000) + "owners: {}\n", ""},
		{"4 MiB of no UTF-8", strings.Repeat("\xff", 4<<20), "PH101"},
		{"4 MiB of UTF-16", "\xff\xfe" + strings.Repeat("x\x00", 2<<20-1), "PH101"},
		{"4 MiB of NUL", strings.Repeat("\x00", 4<<20), "PH102"},
		{"4 MiB of spaces", strings.Repeat(" ", 4<<20), "PH101"},
		{"long integer", "phgen: " + strings.Repeat("1", 60_000) + "\nplan: {name: acme}\n", "PH110"},
		{"long exponent", head + "types: {T: {type: float, max: 1e" + strings.Repeat("9", 60_000) + "}}\n", "PH110"},
		{"growing pattern", head + "naming: {events: {pattern: '((a{100}){100}){100}'}}\n", "PH212"},
		{"nested pattern", head + "naming: {events: {pattern: '" + strings.Repeat("(", 2_000) + strings.Repeat(")", 2_000) + "'}}\n", "PH212"},
		{"long tag", head + "owners: !<" + strings.Repeat("%41", 20_000) + "> {}\n", "PH104"},
		{"doubling types", doubling(60), ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			found := bounded(t, func() (*schema.Plan, schema.Diagnostics) {
				return schema.Parse("plan.yaml", []byte(test.src))
			})
			got := ""
			if len(found) > 0 {
				got = found[0].Code
			}
			if got != test.want {
				t.Errorf("first finding %.300v, want %q", found[:min(len(found), 1)], test.want)
			}
			if found.HasErrors() != (test.want != "") {
				t.Errorf("has errors: %t, want the opposite", found.HasErrors())
			}
		})
	}
}

// bounded runs read within the time and the memory that reading a plan may take.
func bounded(t *testing.T, read func() (*schema.Plan, schema.Diagnostics)) schema.Diagnostics {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	done := make(chan schema.Diagnostics, 1)
	go func() { // ends with read; outlives the test only where the test fails
		plan, found := read()
		done <- append(found, schema.Lint(plan, now)...)
	}()
	var found schema.Diagnostics
	select {
	case found = <-done:
	case <-ctx.Done():
		t.Fatal("still reading at the deadline")
	}
	runtime.ReadMemStats(&after)
	// What the process took from the system beyond what it had: the peak.
	if took := after.Sys - before.Sys; took > allowance {
		t.Errorf("took %d MiB, want at most %d", took>>20, allowance>>20)
	}
	return slices.DeleteFunc(found, func(d schema.Diagnostic) bool { return d.Severity == schema.Warning })
}

// many writes format n times, numbered from 1.
func many(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i+1)
	}
	return b.String()
}

// bomb would hold ten to the ninth values if its aliases were followed.
func bomb(begin, alias, end string) string {
	text := "b0: &b0 " + begin + end + "\n"
	for i := range 9 {
		text += fmt.Sprintf("b%d: &b%d %s%s%s\n", i+1, i+1, begin, strings.Repeat(fmt.Sprintf(alias, fmt.Sprintf("b%d", i)), 10), end)
	}
	return text
}

// doubling is a sound plan whose outermost type holds two to the n values, and a
// pair of events that must have the same shape.
func doubling(n int) string {
	var types strings.Builder
	for i := range n {
		fmt.Fprintf(&types, "  T%d: {type: object, properties: {a: T%d, b: T%d}}\n", i, i+1, i+1)
	}
	return head + "types:\n" + types.String() + fmt.Sprintf("  T%d: {type: object, properties: {a: int}}\n", n) +
		"events:\n  old: {deprecated: {use: new, dual_write: true}, properties: {t: T0}}\n  new: {properties: {t: T0}}\n"
}

// Files that are included count together.
func TestHostileIncludes(t *testing.T) {
	write := func(t *testing.T, name, src string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(src), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	link := func(t *testing.T, target, name string) {
		t.Helper()
		if err := os.Symlink(target, name); err != nil {
			t.Skip(err)
		}
	}
	tests := []struct {
		name string
		make func(t *testing.T)
		want string
	}{
		{"1,001 files", func(t *testing.T) {
			for i := range 1_001 {
				write(t, fmt.Sprintf("more/%d.yaml", i), "phgen: 1\n")
			}
		}, "PH112"},
		{"17 MiB together", func(t *testing.T) {
			for i := range 5 {
				write(t, fmt.Sprintf("more/%d.yaml", i), "phgen: 1\n#"+strings.Repeat("x", 34<<17))
			}
		}, "PH112"},
		{"too much structure together", func(t *testing.T) {
			for i := range 3 {
				write(t, fmt.Sprintf("more/%d.yaml", i), "phgen: 1\nowners: ["+strings.Repeat("x,", 400_000)+"]\n")
			}
		}, "PH112"},
		{"10,001 events together", func(t *testing.T) {
			write(t, "more/a.yaml", "phgen: 1\nevents:\n"+many(5_001, "  a%d: {}\n"))
			write(t, "more/b.yaml", "phgen: 1\nevents:\n"+many(5_000, "  b%d: {}\n"))
		}, "PH112"},
		{"a link to a device", func(t *testing.T) {
			write(t, "more/a.yaml", "phgen: 1\n")
			link(t, "/dev/zero", "more/b.yaml")
		}, "PH113"},
		{"a link out of the folder", func(t *testing.T) {
			outside := filepath.Join(t.TempDir(), "a.yaml")
			write(t, outside, "phgen: 1\n")
			if err := os.Mkdir("more", 0o755); err != nil {
				t.Fatal(err)
			}
			link(t, outside, "more/a.yaml")
		}, "PH113"},
		{"a folder that is a link out", func(t *testing.T) {
			outside := t.TempDir()
			write(t, filepath.Join(outside, "a.yaml"), "phgen: 1\n")
			link(t, outside, "more")
		}, "PH113"},
		{"a link inside the folder", func(t *testing.T) {
			write(t, "more/a.yaml", "phgen: 1\n")
			link(t, "a.yaml", "more/b.yaml")
		}, ""},
		{"the root through a link", func(t *testing.T) {
			write(t, "more/a.yaml", "phgen: 1\n")
			link(t, "../plan.yaml", "more/b.yaml")
		}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Chdir(t.TempDir())
			write(t, "plan.yaml", head+"include: [more/*.yaml]\n")
			test.make(t)
			found := bounded(t, func() (*schema.Plan, schema.Diagnostics) {
				plan, found, err := schema.Load("plan.yaml")
				if err != nil {
					t.Errorf("Load: %v", err)
				}
				return plan, found
			})
			got := ""
			if len(found) > 0 {
				got = found[0].Code
			}
			if got != test.want {
				t.Errorf("first finding %.300v, want %q", found[:min(len(found), 1)], test.want)
			}
		})
	}
}

// What is no regular file of a plan's size is refused before it is read whole.
func TestLoadRefuses(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{filepath.Join(dir, "missing.yaml"), dir} {
		if plan, found, err := schema.Load(path); err == nil || plan != nil || found != nil {
			t.Errorf("Load(%q) = %v, %v, %v, want only an error", path, plan, found, err)
		}
	}
	if _, err := os.Stat("/dev/zero"); err == nil {
		found := bounded(t, func() (*schema.Plan, schema.Diagnostics) {
			plan, found, _ := schema.Load("/dev/zero")
			return plan, found
		})
		if len(found) > 0 && found[0].Code != "PH112" {
			t.Errorf("Load of an endless file found %v, want PH112 or an error", found[0])
		}
	}
}
