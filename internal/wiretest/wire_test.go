// Package wiretest compares what generated code sends, byte for byte, with the
// request bodies in testdata/wire. They are derived from the plan language, so a
// difference is a change of the wire format.
package wiretest

import (
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/phgen/phgen/generator"
	"github.com/phgen/phgen/internal/judge"
	"github.com/phgen/phgen/internal/sink"
	ph "github.com/phgen/phgen/runtime"
	"github.com/phgen/phgen/schema"
)

var update = flag.Bool("update", false, "rewrite the generated code and testdata/wire")

const (
	wirePlan    = "../../testdata/wire/plan.yaml"
	examplePlan = "../../examples/tracking-plan.yaml"
	goldens     = "../../testdata/wire"
)

// Every event of the tests happens at one moment under one id.
var (
	moment = time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.FixedZone("", 3600))
	at     = ph.At(moment)
	id     = ph.ID(uuid.MustParse("0190c8a4-0000-7222-8333-444455556666"))
)

// A wire collects request bodies and calls them delivered.
type wire struct{ bodies [][]byte }

func (w *wire) RoundTrip(r *http.Request) (*http.Response, error) {
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	w.bodies = append(w.bodies, body)
	return &http.Response{
		StatusCode: http.StatusOK,
		Body:       io.NopCloser(strings.NewReader(`{"status":1}`)),
		Request:    r,
	}, nil
}

// libraryKeys are constant in a process and differ from machine to machine;
// TestLibraryKeys looks at them.
var libraryKeys = regexp.MustCompile(`"\$lib":"phgen-go",.*?"\$go_version":"[^"]*"`)

// send returns the only request that the captures of one case make, nil if they
// make none.
func send(t *testing.T, c wireCase) []byte {
	t.Helper()
	var w wire
	config := ph.Config{
		APIKey:      "phc_wire",
		Host:        "http://wire.localhost",
		Transport:   &w,
		Compression: ph.NoCompression,
		Logger:      slog.New(slog.DiscardHandler),
		PIIKey:      []byte("0123456789abcdef"),
	}
	if c.config != nil {
		c.config(&config)
	}
	client, err := ph.New(config)
	if err != nil {
		t.Fatal(err)
	}
	c.capture(ph.With(t.Context(), ph.UseClient(client), ph.User("u_1")))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	if err := client.Close(ctx); err != nil {
		t.Errorf("%s: Close: %v", c.name, err)
	}
	switch len(w.bodies) {
	case 0:
		return nil
	case 1:
		return w.bodies[0]
	}
	t.Fatalf("%s: got %d requests, want one", c.name, len(w.bodies))
	return nil
}

func TestWire(t *testing.T) {
	judges := map[string]*judge.Judge{}
	for _, path := range []string{wirePlan, examplePlan} {
		plan, found, err := schema.Load(path)
		if plan == nil {
			t.Fatalf("Load(%q): %v %v", path, found, err)
		}
		judges[path] = judge.New(plan)
	}
	for _, c := range slices.Concat(wireCases, surveyCases) {
		t.Run(c.name, func(t *testing.T) {
			body := send(t, c)
			if c.refused {
				if body != nil {
					t.Errorf("got %s, want no request", body)
				}
				return
			}
			if got := verdicts(judges[c.plan], body); !slices.Equal(got, c.problems) {
				t.Errorf("the judge found\n\t%s\nwant\n\t%s", strings.Join(got, "\n\t"), strings.Join(c.problems, "\n\t"))
			}
			golden(t, filepath.Join(goldens, c.name+".json"), libraryKeys.ReplaceAllLiteral(body, []byte(`"$lib":"phgen-go"`)))
		})
	}
}

// verdicts asks the sink and the judge about every event of a body.
func verdicts(j *judge.Judge, body []byte) []string {
	var problems []string
	s := sink.New(sink.Config{APIKey: "phc_wire", Judge: func(e sink.Event) []string {
		v := j.Judge(e.Name, e.Properties)
		if v.Unplanned {
			problems = append(problems, "unplanned "+e.Name)
		}
		problems = append(problems, e.Problems...)
		for _, p := range v.Problems {
			problems = append(problems, p.String())
		}
		return nil
	}})
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/batch/", bytes.NewReader(body)))
	if w.Code != http.StatusOK {
		problems = append(problems, fmt.Sprintf("refused with %d: %s", w.Code, w.Body))
	}
	return problems
}

// golden compares body with a file that ends with a newline the body has not.
func golden(t *testing.T, path string, body []byte) {
	t.Helper()
	got := string(body) + "\n"
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(split(string(want)), split(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", path, diff)
	}
}

// split puts every member on a line of its own, so that a difference is readable.
func split(body string) []string { return strings.SplitAfter(body, ",") }

// No file may lie there whose test is gone.
func TestNoStrayGoldens(t *testing.T) {
	paths, err := filepath.Glob(filepath.Join(goldens, "*.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		name := strings.TrimSuffix(filepath.Base(path), ".json")
		if !slices.ContainsFunc(slices.Concat(wireCases, surveyCases), func(c wireCase) bool { return c.name == name && !c.refused }) {
			t.Errorf("%s belongs to no test", path)
		}
	}
}

func TestLibraryKeys(t *testing.T) {
	body := send(t, wireCase{capture: func(ctx context.Context) { ph.Capture(ctx, "e", nil, at, id) }})
	want := regexp.MustCompile(`^"\$lib":"phgen-go","\$lib_version":"[0-9]+\.[0-9]+\.[0-9]+[^"]*","\$is_server":true,"\$geoip_disable":true,` +
		`"\$os":"[^"]+"(,"\$os_version":"[^"]+")?(,"\$os_distro":"[^"]+")?,"\$go_version":"go[^"]+"$`)
	if got := libraryKeys.Find(body); !want.Match(got) {
		t.Errorf("got %s in %s, want a match of %s", got, body, want)
	}
}

// The generated packages are committed, so that the tests compile.
func TestGenerated(t *testing.T) {
	plan, found, err := schema.Load(wirePlan)
	if plan == nil {
		t.Fatalf("Load(%q): %v %v", wirePlan, found, err)
	}
	files, err := generator.Generate(plan)
	if err != nil {
		t.Fatal(err)
	}
	const dir = "generated"
	if *update {
		rewrite(t, dir, files)
	}
	for _, f := range files {
		got, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Path)))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(f.Data), string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", f.Path, diff)
		}
	}
	err = fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && !slices.ContainsFunc(files, func(f generator.File) bool { return f.Path == path }) {
			t.Errorf("%s is not generated any more", path)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
}

// rewrite replaces everything in dir.
func rewrite(t *testing.T, dir string, files []generator.File) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		path := filepath.Join(dir, filepath.FromSlash(f.Path))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}
