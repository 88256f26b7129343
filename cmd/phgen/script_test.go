package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the wanted output in testdata/script")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"phgen": main, "shop": shop})
}

// TestScript runs the sessions in testdata/script. Besides the usual commands of
// testscript they have
//
//	exits STATUS command…   run the command, which must exit with STATUS
//	age FILE…               date files back, so that a later write shows
//	[!] aged FILE…          check that files still have that date
//
// and a program, shop, to be run by phgen.
func TestScript(t *testing.T) {
	checkout, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	goEnv := goSettings(t, "GOCACHE", "GOMODCACHE")
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join(checkout, "testdata", "script"),
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("CHECKOUT", checkout)
			for _, dir := range []string{"HOME", "XDG_CACHE_HOME", "LocalAppData"} {
				env.Setenv(dir, filepath.Join(env.WorkDir, ".home"))
			}
			for name, value := range goEnv {
				env.Setenv(name, value)
			}
			// What a test module needs is in the module cache: phgen was built from it.
			env.Setenv("GOFLAGS", "-mod=mod -buildvcs=false")
			env.Setenv("GOPROXY", "off")
			env.Setenv("GOSUMDB", "off")
			env.Setenv("GOTOOLCHAIN", "local")
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits": exits,
			"age":   age,
			"aged":  aged,
		},
	})
}

func goSettings(t *testing.T, names ...string) map[string]string {
	t.Helper()
	settings := map[string]string{}
	for _, name := range names {
		out, err := exec.Command("go", "env", name).Output()
		if err != nil {
			t.Fatalf("go env %s: %v", name, err)
		}
		settings[name] = string(out[:len(out)-1])
	}
	return settings
}

func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits STATUS command…")
	}
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	got := 0
	if err := ts.Exec(args[1], args[2:]...); err != nil {
		var exit *exec.ExitError
		if !errors.As(err, &exit) {
			ts.Fatalf("%v", err)
		}
		got = exit.ExitCode()
	}
	if got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

var longAgo = time.Date(2001, 2, 3, 4, 5, 6, 0, time.UTC)

func age(ts *testscript.TestScript, neg bool, args []string) {
	if neg {
		ts.Fatalf("usage: age FILE…")
	}
	for _, name := range args {
		ts.Check(os.Chtimes(ts.MkAbs(name), longAgo, longAgo))
	}
}

func aged(ts *testscript.TestScript, neg bool, args []string) {
	for _, name := range args {
		stat, err := os.Stat(ts.MkAbs(name))
		ts.Check(err)
		if kept := stat.ModTime().Equal(longAgo); kept == neg {
			ts.Fatalf("%s is dated %s", name, fmt.Sprint(stat.ModTime()))
		}
	}
}
