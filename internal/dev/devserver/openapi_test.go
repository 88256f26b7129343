package devserver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v5"

	"github.com/phgen/phgen/internal/coverage"
	"github.com/phgen/phgen/internal/dev"
)

// The parts of openapi.json that tests look at.
type (
	document struct {
		Paths      map[string]map[string]operation
		Components struct {
			Parameters map[string]parameter
			Responses  map[string]answer
			Schemas    map[string]json.RawMessage
		}
	}
	operation struct {
		OperationID string
		Security    []map[string][]string
		Parameters  []parameter
		RequestBody struct{ Content map[string]media }
		Responses   map[string]answer
	}
	parameter struct {
		Ref     string `json:"$ref"`
		Name    string
		In      string
		Example any
	}
	answer struct {
		Ref     string `json:"$ref"`
		Content map[string]media
	}
	media struct {
		Schema  json.RawMessage
		Example json.RawMessage
	}
)

var apiDocument = sync.OnceValue(func() document {
	var doc document
	if err := json.Unmarshal(openAPI, &doc); err != nil {
		panic(err)
	}
	for _, operations := range doc.Paths {
		for _, op := range operations {
			for i, p := range op.Parameters {
				if name, ok := strings.CutPrefix(p.Ref, "#/components/parameters/"); ok {
					op.Parameters[i] = doc.Components.Parameters[name]
				}
			}
			for status, r := range op.Responses {
				if name, ok := strings.CutPrefix(r.Ref, "#/components/responses/"); ok {
					op.Responses[status] = doc.Components.Responses[name]
				}
			}
		}
	}
	return doc
})

var compiled sync.Map // schemas by name

// schemaOf compiles a schema of openapi.json.
func schemaOf(name string) (*jsonschema.Schema, error) {
	if s, ok := compiled.Load(name); ok {
		return s.(*jsonschema.Schema), nil
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat = true
	if err := c.AddResource("openapi.json", bytes.NewReader(openAPI)); err != nil {
		return nil, err
	}
	s, err := c.Compile("openapi.json#/components/schemas/" + name)
	if err == nil {
		compiled.Store(name, s)
	}
	return s, err
}

// conforms checks a JSON text against a schema of openapi.json.
func conforms(name string, text []byte) error {
	schema, err := schemaOf(name)
	if err != nil {
		return err
	}
	var v any
	d := json.NewDecoder(bytes.NewReader(text))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		return err
	}
	return schema.Validate(v)
}

// pathOf is a route's path as OpenAPI writes it.
func pathOf(pattern string) string {
	return strings.NewReplacer("{$}", "", "...}", "}").Replace(pattern)
}

// described checks that openapi.json has an answer of the server's own paths. It is called
// with every answer that a test looks at.
func described(t testing.TB, r *http.Request, w *httptest.ResponseRecorder) {
	t.Helper()
	method, pattern, ok := strings.Cut(r.Pattern, " ")
	if !ok { // the sink's, or a method that is not allowed
		return
	}
	path := pathOf(pattern)
	op, ok := apiDocument().Paths[path][strings.ToLower(method)]
	if !ok {
		t.Errorf("openapi.json lacks %s %s", method, path)
		return
	}
	status := fmt.Sprint(w.Code)
	says, ok := op.Responses[status]
	if !ok {
		t.Errorf("openapi.json lacks the status %s of %s %s", status, method, path)
		return
	}
	contentType := w.Header().Get("Content-Type")
	if w.Code == http.StatusNotModified || r.Method == http.MethodHead {
		return
	}
	m, ok := says.Content[strings.TrimSuffix(contentType, "; charset=utf-8")]
	if _, any := says.Content["*/*"]; !ok && !any {
		t.Errorf("openapi.json lacks %s of %s %s with status %s", contentType, method, path, status)
	}
	if m.Schema == nil {
		return
	}
	var ref struct {
		Ref string `json:"$ref"`
	}
	if err := json.Unmarshal(m.Schema, &ref); err != nil {
		t.Fatal(err)
	}
	if err := conforms(strings.TrimPrefix(ref.Ref, "#/components/schemas/"), w.Body.Bytes()); err != nil {
		t.Errorf("%s %s, status %s: %v\nin %s", method, path, status, err, w.Body)
	}
}

// openapi.json has the routes of the server and no others, with their parameters.
func TestOpenAPIRoutes(t *testing.T) {
	got, want := map[string]string{}, map[string]string{}
	ids := map[string]bool{}
	for path, operations := range apiDocument().Paths {
		for method, op := range operations {
			var names []string
			for _, p := range op.Parameters {
				if p.In != "header" {
					names = append(names, p.In+" "+p.Name)
				}
			}
			slices.Sort(names)
			got[strings.ToUpper(method)+" "+path] = fmt.Sprint(names, len(op.Security) > 0)
			if ids[op.OperationID] || op.OperationID == "" {
				t.Errorf("%s %s: the operation ID %q is another's", method, path, op.OperationID)
			}
			ids[op.OperationID] = true
		}
	}
	for _, r := range routes {
		var names []string
		for _, p := range r.params {
			names = append(names, "query "+p)
		}
		for part := range strings.SplitSeq(pathOf(r.path), "/") {
			if name, ok := strings.CutPrefix(part, "{"); ok {
				names = append(names, "path "+strings.TrimSuffix(name, "}"))
			}
		}
		slices.Sort(names)
		want[r.method+" "+pathOf(r.path)] = fmt.Sprint(names, r.token)
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("openapi.json - the routes +\n%s", diff)
	}
}

// types are the Go types that the schemas describe.
var types = map[string]reflect.Type{
	"Error": reflect.TypeFor[errorBody](), "Row": reflect.TypeFor[dev.Row](), "Page": reflect.TypeFor[dev.Page](),
	"Finding": reflect.TypeFor[dev.Finding](), "Planned": reflect.TypeFor[dev.Planned](), "Detail": reflect.TypeFor[dev.Detail](),
	"Counts": reflect.TypeFor[dev.Counts](), "NameCount": reflect.TypeFor[dev.NameCount](), "Tick": reflect.TypeFor[dev.Tick](),
	"Summary": reflect.TypeFor[dev.Summary](), "PlanState": reflect.TypeFor[dev.PlanState](),
	"RequestRow": reflect.TypeFor[dev.RequestRow](), "Requests": reflect.TypeFor[requestsDoc](),
	"TraceRow": reflect.TypeFor[dev.TraceRow](), "Traces": reflect.TypeFor[tracesDoc](),
	"TraceNode": reflect.TypeFor[dev.TraceNode](), "Trace": reflect.TypeFor[traceDoc](),
	"Share": reflect.TypeFor[coverage.Share](), "Coverage": reflect.TypeFor[dev.CoverageDoc](), "Unused": reflect.TypeFor[dev.Unused](),
	"FlagRow": reflect.TypeFor[dev.FlagRow](), "Flags": reflect.TypeFor[flagsDoc](),
	"Fault": reflect.TypeFor[faultDoc](), "ActiveFault": reflect.TypeFor[faultPart](),
	"Run": reflect.TypeFor[runDoc](), "Hello": reflect.TypeFor[helloDoc](), "NewRows": reflect.TypeFor[rowsDoc](), "Last": reflect.TypeFor[lastDoc](),
}

// Each field of an answer is in its schema and the other way round, and it is required if
// it is always there.
func TestOpenAPITypes(t *testing.T) {
	schemas := apiDocument().Components.Schemas
	for name := range schemas {
		if _, err := schemaOf(name); err != nil {
			t.Error(err)
		}
	}
	for name, typ := range types {
		if diff := cmp.Diff(properties(t, schemas, schemas[name]), fields(typ)); diff != "" {
			t.Errorf("%s: openapi.json - Go +\n%s", name, diff)
		}
	}
}

// properties are those of an object's schema, and whether they are required.
func properties(t *testing.T, schemas map[string]json.RawMessage, text json.RawMessage) map[string]bool {
	var s struct {
		Ref        string `json:"$ref"`
		AllOf      []json.RawMessage
		Properties map[string]any
		Required   []string
	}
	if err := json.Unmarshal(text, &s); err != nil {
		t.Fatal(err)
	}
	if name, ok := strings.CutPrefix(s.Ref, "#/components/schemas/"); ok {
		return properties(t, schemas, schemas[name])
	}
	all := map[string]bool{}
	for _, part := range s.AllOf {
		maps.Copy(all, properties(t, schemas, part))
	}
	for name := range s.Properties {
		all[name] = slices.Contains(s.Required, name)
	}
	return all
}

// fields are those of the JSON of a struct, and whether they are always there.
func fields(typ reflect.Type) map[string]bool {
	all := map[string]bool{}
	for i := range typ.NumField() {
		f := typ.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			maps.Copy(all, fields(f.Type))
			continue
		}
		all[name] = options != "omitempty"
	}
	return all
}

// The examples are what the server answers.
func TestOpenAPIExamples(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		r.exemplify()
		seen := 0
		for _, path := range slices.Sorted(maps.Keys(apiDocument().Paths)) {
			for _, method := range []string{"get", "put", "post"} { // a reset comes last
				if path == "/api/reset" {
					continue
				}
				if op, ok := apiDocument().Paths[path][method]; ok {
					seen += r.checkExamples(path, method, op)
				}
			}
		}
		seen += r.checkExamples("/api/reset", "post", apiDocument().Paths["/api/reset"]["post"])
		if seen < 13 {
			t.Errorf("got %d examples, want at least 13", seen)
		}
	})
}

// exemplify brings what the examples show.
func (r *rig) exemplify() {
	time.Sleep(time.Second)
	r.capture(signedUp, `{"event":"signed_up","uuid":"0190c8a4-1111-7222-8333-444455556666","distinct_id":"u2","properties":{"seats":0}}`)
	time.Sleep(time.Second)
	r.capture(unknown, `{"event":"$ai_generation","distinct_id":"u1","properties":{"$ai_trace_id":"t1","$ai_span_id":"s1","$ai_model":"gpt-5","$ai_provider":"openai","$ai_latency":0.5,"$ai_input_tokens":7,"$ai_output_tokens":9}}`,
		`{"event":"$feature_flag_called","distinct_id":"u1","properties":{"$feature_flag":"search","$feature_flag_response":"old"}}`)
	r.do("POST", "/capture/", `{"event":""}`)
}

// checkExamples compares the examples of an operation with live answers and returns how
// many there are.
func (r *rig) checkExamples(path, method string, op operation) (seen int) {
	t := r.t
	t.Helper()
	url := path
	for _, p := range op.Parameters {
		if p.In == "path" {
			url = strings.Replace(url, "{"+p.Name+"}", fmt.Sprint(p.Example), 1)
		}
	}
	for _, status := range slices.Sorted(maps.Keys(op.Responses)) {
		example := op.Responses[status].Content["application/json"].Example
		if example == nil {
			continue
		}
		seen++
		query := ""
		switch {
		case path == "/api/wait":
			query = map[string]string{"200": "?event=signed_up&n=2", "408": "?verdict=unplanned&n=2"}[status]
		case method == "get" && strings.HasPrefix(path, "/api/events"):
			query = map[string]string{"/api/events": "?person=u1&limit=2"}[path]
		}
		w := r.do(strings.ToUpper(method), url+query, string(op.RequestBody.Content["application/json"].Example), bearer)
		if got := fmt.Sprint(w.Code); got != status {
			t.Errorf("%s %s: got %s, want %s", method, url, got, status)
		}
		got, want := settled(t, w.Body.Bytes()), settled(t, example)
		if diff := cmp.Diff(got, want); diff != "" {
			t.Errorf("%s %s %s: got - example +\n%s\nthe example should be %s", method, path, status, diff, w.Body)
		}
	}
	return seen
}

// settled reads JSON without what differs from run to run.
func settled(t testing.TB, text []byte) any {
	t.Helper()
	var v any
	if err := json.Unmarshal(text, &v); err != nil {
		t.Fatal(err)
	}
	if doc, ok := v.(map[string]any); ok {
		for name, value := range map[string]any{"run": "DZLGXVQ7M5WKB3SJTPA2HYCRFE", "kept_bytes": 4096.0} {
			if _, ok := doc[name]; ok {
				doc[name] = value
			}
		}
	}
	return v
}

// The messages of the stream conform, too.
func TestOpenAPIMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRig(t)
		stream := open(t, r.listen().client(t), "ANOTHER:1")
		schemas := map[string]string{"hello": "Hello", "rows": "NewRows", "fault": "Fault", "plan": "PlanState", "requests": "Last", "reset": "Run"}
		check := func() {
			m := stream.message()
			if m.name == "flags" {
				if m.data != "{}" {
					t.Errorf("got %+v", m)
				}
				return
			}
			if err := conforms(schemas[m.name], []byte(m.data)); err != nil {
				t.Errorf("%s: %v\nin %s", m.name, err, m.data)
			}
			delete(schemas, m.name)
		}
		check()
		check()
		r.exemplify()
		r.do("PUT", "/api/fault", `{"spec":"503:5s,latency=2s"}`, bearer)
		r.do("PUT", "/api/flags/search", `{"value":"new"}`, bearer)
		r.config.Store.SetPlan(nil, "", nil)
		for len(schemas) > 0 {
			check()
		}
	})
}
