package flags_test

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/phgen/phgen/runtime/flags"
)

// The golden vectors are in testdata/flags at the top of the repository. Its README says
// how they came about. None of them knows this package.

// goldenLines calls line with each line of the golden file with a name.
func goldenLines[T any](t *testing.T, name string, line func(number int, l T)) {
	t.Helper()
	file, err := os.Open(filepath.Join("..", "..", "testdata", "flags", name+".ndjson.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	unpacked, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(unpacked)
	lines.Buffer(nil, 1<<24)
	number := 0
	for lines.Scan() {
		number++
		var l T
		decodeGolden(t, lines.Bytes(), &l)
		line(number, l)
	}
	if err := lines.Err(); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if number == 0 {
		t.Fatalf("%s is empty", name)
	}
}

// decodeGolden decodes JSON and keeps the spelling of numbers.
func decodeGolden(t *testing.T, text []byte, dst any) {
	t.Helper()
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(dst); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// answer is a result as the vectors write it: T, F, I if it is undecided, or = and a
// variant.
func answer(r flags.Result) string {
	switch {
	case !r.Decided():
		return "I"
	case r.Value.Variant() != "":
		return "=" + r.Value.Variant()
	case r.Value.On():
		return "T"
	}
	return "F"
}

// agrees reports whether an answer is the one wanted. A small letter is what the server
// says while an evaluator may be unsure.
func agrees(got, want string) bool {
	return got == want || got == "I" && (want == "t" || want == "f") || want == strings.ToLower(got) && want != "i"
}

func TestGoldenProperties(t *testing.T) {
	type set struct {
		Set        string
		Properties []json.RawMessage
	}
	properties := make(map[string][]json.RawMessage)
	goldenLines(t, "properties", func(_ int, s set) { properties[s.Set] = s.Properties })

	type row struct {
		Operator, Filter  json.RawMessage
		Set, Answers, Why string
		Now               time.Time
		Version           int
	}
	for _, suite := range []string{"property", "regex", "dates", "semver"} {
		t.Run(suite, func(t *testing.T) {
			evaluations := 0
			goldenLines(t, suite, func(number int, r row) {
				filter := fmt.Sprintf(`{"key":"p","type":"person","operator":%s`, r.Operator)
				if r.Filter != nil {
					filter += `,"value":` + string(r.Filter)
				}
				d := parseGolden(t, fmt.Sprintf(`{"flags":[{"id":1,"key":"f","active":true,"filters":{"groups":[{"properties":[%s}],"rollout_percentage":100}]}}],"property_matching_version":%d}`, filter, max(1, r.Version)))
				all := properties[r.Set]
				if len(r.Answers) != len(all)+2 {
					t.Fatalf("line %d: got %d answers, want %d", number, len(r.Answers), len(all)+2)
				}
				for i, want := range r.Answers {
					q := flags.Query{DistinctID: "u", Now: r.Now, Person: map[string]any{}}
					about := "absent"
					switch i {
					case len(all): // absent
					case len(all) + 1:
						q.Person["p"], about = flags.Unset, "unset"
					default:
						var v any
						decodeGolden(t, all[i], &v)
						q.Person["p"], about = v, string(all[i])
					}
					if got := answer(d.Evaluate("f", &q)); !agrees(got, string(want)) {
						t.Errorf("line %d: operator %s, filter %s, property %s, now %v, version %d: got %s, want %c (%s)",
							number, r.Operator, r.Filter, about, r.Now, max(1, r.Version), got, want, r.Why)
					}
					evaluations++
				}
			})
			t.Logf("%d evaluations", evaluations)
		})
	}
}

// parseGolden parses a document without problems.
func parseGolden(t *testing.T, document string) *flags.Definitions {
	t.Helper()
	d, err := flags.Parse([]byte(document))
	if err != nil {
		t.Fatalf("Parse(%s): %v", document, err)
	}
	for _, p := range d.Problems() {
		t.Fatalf("Parse(%s): %v", document, p)
	}
	return d
}

// A goldenQuery is a query as the vectors write it.
type goldenQuery struct {
	DistinctID      string `json:"distinct_id"`
	DeviceID        string `json:"device_id"`
	Person          map[string]any
	Unset           []string
	Groups          map[string]string
	GroupProperties map[string]map[string]any `json:"group_properties"`
}

func (g goldenQuery) query(now time.Time) flags.Query {
	q := flags.Query{DistinctID: g.DistinctID, DeviceID: g.DeviceID, Person: g.Person, Groups: g.Groups, GroupProperties: g.GroupProperties, Now: now}
	if q.Person == nil {
		q.Person = make(map[string]any)
	}
	for _, name := range g.Unset {
		q.Person[name] = flags.Unset
	}
	return q
}

func TestGoldenDocuments(t *testing.T) {
	type line struct {
		Now      time.Time
		Document json.RawMessage
		Queries  []goldenQuery
		Answers  map[string]string
	}
	for _, suite := range []string{
		"conditions", "groups", "dependencies", "cycles", "cohorts", "holdouts", "enrollment", "device", "bucketing", "continuity",
	} {
		t.Run(suite, func(t *testing.T) {
			evaluations := 0
			goldenLines(t, suite, func(number int, l line) {
				d, err := flags.Parse(l.Document) // some of the documents have problems
				if err != nil {
					t.Fatalf("line %d: %v", number, err)
				}
				var all []flags.Result
				for i, g := range l.Queries {
					q := g.query(l.Now)
					all = d.EvaluateAll(&q, all)
					for j, r := range all {
						key := d.At(j).Key()
						if want := strings.Split(l.Answers[key], ",")[i]; answer(r) != want {
							t.Errorf("line %d: flag %s, query %+v: got %s (%v, %v), want %s", number, key, q, answer(r), r.Reason, r.Need, want)
						}
						if one := d.Evaluate(key, &q); one != r {
							t.Errorf("line %d: flag %s, query %+v: Evaluate got %+v, EvaluateAll %+v", number, key, q, one, r)
						}
						evaluations++
					}
				}
			})
			t.Logf("%d evaluations", evaluations)
		})
	}
}

func TestGoldenRollouts(t *testing.T) {
	type row struct {
		Key         string
		DistinctID  string `json:"distinct_id"`
		Percentages []json.RawMessage
		Answers     string
	}
	evaluations := 0
	goldenLines(t, "rollouts", func(number int, r row) {
		q := flags.Query{DistinctID: r.DistinctID}
		for i, percentage := range r.Percentages {
			d := parseGolden(t, goldenFlag(t, r.Key, fmt.Sprintf(`{"groups":[{"properties":[],"rollout_percentage":%s}]}`, percentage)))
			if got, want := answer(d.Evaluate(r.Key, &q)), r.Answers[i:i+1]; got != want {
				t.Errorf("line %d: flag %q, %s %%, ID %q: got %s, want %s", number, r.Key, percentage, r.DistinctID, got, want)
			}
			evaluations++
		}
	})
	t.Logf("%d evaluations", evaluations)
}

func TestGoldenVariants(t *testing.T) {
	type row struct {
		Key         string
		Variants    json.RawMessage
		DistinctIDs []string `json:"distinct_ids"`
		Answers     string
	}
	evaluations := 0
	goldenLines(t, "variants", func(number int, r row) {
		d := parseGolden(t, goldenFlag(t, r.Key, fmt.Sprintf(`{"groups":[{}],"multivariate":{"variants":%s}}`, r.Variants)))
		for i, want := range strings.Split(r.Answers, ",") {
			result := d.Evaluate(r.Key, &flags.Query{DistinctID: r.DistinctIDs[i]})
			if got := result.Value.Variant(); got != want || !result.Value.On() {
				t.Errorf("line %d: flag %q, ID %q: got %v, want variant %q", number, r.Key, r.DistinctIDs[i], result.Value, want)
			}
			evaluations++
		}
	})
	t.Logf("%d evaluations", evaluations)
}

// A hundred thousand hashes, told apart by a thousand variants each.
func TestGoldenChunks(t *testing.T) {
	type row struct{ Key, Prefix, Suffix, SHA256 string }
	const n = 1000
	thousand := make([]string, n)
	for i := range thousand {
		thousand[i] = fmt.Sprintf(`{"key":"%d","rollout_percentage":0.1}`, i)
	}
	filters := `{"groups":[{}],"multivariate":{"variants":[` + strings.Join(thousand, ",") + `]}}`
	goldenLines(t, "chunks", func(number int, r row) {
		d := parseGolden(t, goldenFlag(t, r.Key, filters))
		found := make([]string, n)
		for i := range found {
			id := r.Prefix + strconv.FormatUint(uint64(i)*2654435761%(1<<32), 10) + r.Suffix
			found[i] = d.Evaluate(r.Key, &flags.Query{DistinctID: id}).Value.Variant()
		}
		sum := sha256.Sum256([]byte(strings.Join(found, ",")))
		if got := hex.EncodeToString(sum[:]); got != r.SHA256 {
			t.Errorf("line %d: flag %q: got digest %s, want %s", number, r.Key, got, r.SHA256)
		}
	})
}

func TestGoldenPayloads(t *testing.T) {
	type line struct {
		Document json.RawMessage
		Values   []flags.Value
		Payloads []*string
	}
	goldenLines(t, "payloads", func(number int, l line) {
		f := parseGolden(t, string(l.Document)).At(0)
		for i, v := range l.Values {
			var want string
			if l.Payloads[i] != nil {
				want = *l.Payloads[i]
			}
			if got, ok := f.Payload(v); got != want || ok != (l.Payloads[i] != nil) {
				t.Errorf("line %d: payload of %v: got %q, %v, want %q", number, v, got, ok, want)
			}
		}
	})
}

// goldenFlag returns a document with one flag.
func goldenFlag(t *testing.T, key, filters string) string {
	t.Helper()
	quoted, err := json.Marshal(key)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprintf(`{"flags":[{"id":1,"key":%s,"active":true,"filters":%s}]}`, quoted, filters)
}
