package exception

import (
	"runtime/debug"
	"strings"
	"testing"
)

func TestPackageOf(t *testing.T) {
	for _, tt := range []struct{ function, want string }{
		{"main.main", "main"},
		{"main.main.func1.2", "main"},
		{"runtime.gopanic", "runtime"},
		{"net/http.(*conn).serve", "net/http"},
		{"github.com/acme/shop.(*Cart).Add", "github.com/acme/shop"},
		{"github.com/acme/shop/cart.Add[...]", "github.com/acme/shop/cart"},
		{"github.com/acme/shop.Map[go.shape.struct { a/b.C }]", "github.com/acme/shop"},
		{"gopkg.in/yaml%2ev3.(*Decoder).Decode", "gopkg.in/yaml.v3"},
		{"example.com/a%22b.F", `example.com/a"b`},
		{"example.com/a%zz%2.F", "example.com/a%zz%2"},
		{"type:.eq.example.com/a.T", "type:.eq.example.com/a"},
		{"", ""},
	} {
		if got := packageOf(tt.function); got != tt.want {
			t.Errorf("%s: got %q, want %q", tt.function, got, tt.want)
		}
	}
}

func TestInApp(t *testing.T) {
	info := &debug.BuildInfo{Main: debug.Module{Path: "github.com/acme/shop", Version: "(devel)"}, Deps: []*debug.Module{
		{Path: "github.com/acme/shop/tools", Version: "v1.0.0", Sum: "h1:"},
		{Path: "github.com/acme/workspace", Version: "(devel)"},
		{Path: "github.com/acme/replaced", Version: "v1.0.0", Replace: &debug.Module{Path: "../replaced", Version: "(devel)"}},
		{Path: "github.com/acme/forked", Version: "v1.0.0", Replace: &debug.Module{Path: "github.com/other/forked", Version: "v1.0.1", Sum: "h1:"}},
		{Path: "github.com/google/uuid", Version: "v1.6.0", Sum: "h1:"},
		{Path: "gopkg.in/yaml.v3", Version: "v3.0.1", Sum: "h1:"},
		{Path: library, Version: "v0.1.0", Sum: "h1:"},
	}}
	vendored := &debug.BuildInfo{Main: info.Main, Deps: []*debug.Module{
		{Path: "github.com/acme/workspace", Version: "(devel)"},
		{Path: "github.com/acme/replaced", Version: "v1.0.0", Replace: &debug.Module{Path: "../replaced", Version: "(devel)"}},
		{Path: "github.com/google/uuid", Version: "v1.6.0"},
	}}
	plain := &debug.BuildInfo{Main: debug.Module{Path: "shop", Version: "(devel)"}}
	type row struct {
		function, file string
		want           bool
	}
	for _, tt := range []struct {
		name string
		info *debug.BuildInfo
		rows []row
	}{
		{"a plain build", info, []row{
			{"main.main", "/home/ann/shop/cmd/shop/main.go", true},
			{"github.com/acme/shop.(*Cart).Add", "/home/ann/shop/cart.go", true},
			{"github.com/acme/shop/internal/db.Open", "/home/ann/shop/internal/db/db.go", true},
			{"github.com/acme/shop_test.TestCart", "/home/ann/shop/cart_test.go", true},
			{"github.com/acme/shopping.Go", "/home/ann/go/pkg/mod/github.com/acme/shopping@v1.0.0/a.go", false},
			{"github.com/acme/shop/tools.Run", "/home/ann/go/pkg/mod/github.com/acme/shop/tools@v1.0.0/run.go", false},
			{"github.com/google/uuid.New", "/home/ann/go/pkg/mod/github.com/google/uuid@v1.6.0/version4.go", false},
			{"github.com/google/uuid.New", "/cache/github.com/google/uuid@v1.6.0/version4.go", false}, // another GOMODCACHE
			{"gopkg.in/yaml%2ev3.Unmarshal", "/home/ann/go/pkg/mod/gopkg.in/yaml.v3@v3.0.1/yaml.go", false},
		}},
		{"GOROOT", info, []row{
			{"runtime.goexit", "/usr/local/go/src/runtime/asm_amd64.s", false},
			{"testing.tRunner", "/usr/local/go/src/testing/testing.go", false},
			{"net/http.(*conn).serve", "/usr/local/go/src/net/http/server.go", false},
			{"encoding/json.Unmarshal", "/home/ann/go/pkg/mod/golang.org/toolchain@v0.0.1-go1.26.8.linux-amd64/src/encoding/json/decode.go", false},
			{"vendor/golang.org/x/net/http2/hpack.(*Decoder).Write", "/usr/local/go/src/vendor/golang.org/x/net/http2/hpack/hpack.go", false},
			{"slices.SortFunc[...]", "/opt/go/src/slices/sort.go", false},
			{"internal/runtime/maps.(*Map).getWithKey", "/opt/go/src/internal/runtime/maps/map.go", false},
		}},
		{"-trimpath", info, []row{
			{"main.main", "github.com/acme/shop/cmd/shop/main.go", true},
			{"github.com/acme/shop.(*Cart).Add", "github.com/acme/shop/cart.go", true},
			{"github.com/acme/shop.(*Cart).Add", "github.com/acme/shop@v1.4.0/cart.go", true}, // go install …/shop@v1.4.0
			{"github.com/google/uuid.New", "github.com/google/uuid@v1.6.0/version4.go", false},
			{"net/http.(*conn).serve", "net/http/server.go", false},
			{"runtime.main", "runtime/proc.go", false},
		}},
		{"vendor", info, []row{
			{"github.com/google/uuid.New", "/home/ann/shop/vendor/github.com/google/uuid/version4.go", false},
			{"github.com/acme/replaced.Do", "/home/ann/shop/vendor/github.com/acme/replaced/do.go", false},
			{"github.com/unheard/of.Do", "/home/ann/shop/vendor/github.com/unheard/of/do.go", false},
		}},
		{"a workspace", info, []row{
			{"github.com/acme/workspace.Do", "/home/ann/workspace/do.go", true},
			{"github.com/acme/workspace.Do", "github.com/acme/workspace/do.go", true},
			{"github.com/acme/replaced.Do", "/home/ann/replaced/do.go", true},
			{"github.com/acme/forked.Do", "/home/ann/go/pkg/mod/github.com/other/forked@v1.0.1/do.go", false},
		}},
		{"vendor with -trimpath", vendored, []row{
			{"github.com/acme/shop.(*Cart).Add", "github.com/acme/shop/cart.go", true},
			{"github.com/google/uuid.New", "github.com/google/uuid@v1.6.0/version4.go", false},
			{"github.com/acme/replaced.Do", "github.com/acme/replaced@v1.0.0/do.go", false},
			{"github.com/acme/workspace.Do", "github.com/acme/workspace/do.go", true}, // go work vendor
		}},
		{"a module without a dot", plain, []row{
			{"shop/cart.Add", "/home/ann/shop/cart/add.go", true},
			{"shop.Open", "shop/open.go", true},
			{"shopping.Open", "shopping/open.go", false},
			{"sort.Sort", "/usr/local/go/src/sort/sort.go", false},
		}},
		{"no build information", nil, []row{
			{"main.main", "/src/main.go", true},
			{"github.com/acme/shop.Open", "/src/github.com/acme/shop/open.go", true},
			{"github.com/acme/shop.Open", "/home/v@v/shop/open.go", true},
			{"github.com/google/uuid.New", "/home/ann/go/pkg/mod/github.com/google/uuid@v1.6.0/version4.go", false},
			{"github.com/google/uuid.New", "github.com/google/uuid@v1.6.0/version4.go", false},
			{"github.com/google/uuid.New", "/src/vendor/github.com/google/uuid/version4.go", false},
			{"command-line-arguments.TestIt", "/src/it_test.go", true},
			{"fmt.Println", "fmt/print.go", false},
			{"", "", false},
		}},
		{"this library", info, []row{
			{library + ".Recover", "/home/ann/phgen/runtime/run.go", false},
			{library + "/phhttp.Middleware.func1", "/home/ann/phgen/runtime/phhttp/middleware.go", false},
		}},
		{"this library's own tests", &debug.BuildInfo{Main: debug.Module{Path: strings.TrimSuffix(library, "/runtime")}}, []row{
			{library + ".TestRun", "/home/ann/phgen/runtime/run_test.go", true},
			{library + ".Run", "/home/ann/phgen/runtime/run.go", false},
			{strings.TrimSuffix(library, "/runtime") + "/examples/shop.Serve", "/home/ann/phgen/examples/shop/serve.go", true},
		}},
	} {
		p := &program{}
		if tt.info != nil {
			p = newProgram(tt.info)
		}
		for _, r := range tt.rows {
			if got := p.inApp(r.function, r.file); got != r.want {
				t.Errorf("%s: %s in %s: got %v, want %v", tt.name, r.function, r.file, got, r.want)
			}
		}
	}
}
