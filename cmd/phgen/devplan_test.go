package main

import (
	"context"
	"os"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/phgen/phgen/schema"
)

// TestPlanFollower saves a plan, whole and broken, and reads what is said of it.
func TestPlanFollower(t *testing.T) {
	defer goleak.VerifyNone(t, goleak.IgnoreCurrent())
	t.Chdir(t.TempDir())
	save := func(text string) {
		t.Helper()
		if err := os.WriteFile("plan.tmp", []byte("phgen: 1\nplan: {name: shop}\n"+text), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Rename("plan.tmp", "plan.yaml"); err != nil {
			t.Fatal(err)
		}
	}
	lines, talk := readLines()
	plans := make(chan *schema.Plan, 10)
	f, err := followPlan(&report{format: "text", talk: talk}, "plan.yaml", func(p *schema.Plan, err error) {
		if (p == nil) != (err != nil) {
			t.Errorf("got plan %v with error %v", p, err)
		}
		if err != nil && !strings.HasPrefix(err.Error(), `plan.yaml:3:24: PH203: unknown owner "`) {
			t.Errorf("got the error %v, want the first of the plan", err)
		}
		plans <- p
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { // until cancel
		f.run(ctx)
		close(ended)
	}()
	steps := []struct {
		name, text, want string
		plan             bool
	}{
		{"there at last", "events: {paid: {}}\n", `^phgen: plan plan.yaml: 1 event$`, true},
		{"more", "events: {paid: {}, seen: {}}\nflags: {new: {kind: boolean}}\n", `^phgen: plan plan.yaml: 2 events, 1 flag$`, true},
		{"broken", "events: {paid: {owner: web}}\n", `^phgen: plan.yaml: 1 error; the plan before that goes on judging$`, false},
		{"broken otherwise", "events: {paid: {owner: me}}\n", `^phgen: plan.yaml: 1 error; the plan before that goes on judging$`, false},
		{"whole again", "events: {paid: {}}\n", `^phgen: plan plan.yaml: 1 event$`, true},
	}
	for _, step := range steps {
		save(step.text)
		if !step.plan {
			waitFor(t, step.name, lines, `^plan.yaml:3:24: PH203: unknown owner "(web|me)"`)
		}
		waitFor(t, step.name, lines, step.want)
		select {
		case p := <-plans:
			if (p != nil) != step.plan {
				t.Errorf("%s: got plan %v, want one: %t", step.name, p, step.plan)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%s: nobody got the plan", step.name)
		}
	}
	cancel()
	<-ended
	f.close()
	talk.Close()
	skipRest(lines)
}

// What is wrong is said once, however often it is saved.
func TestPlanFollowerRepeats(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("plan.yaml", []byte("phgen: 1\nplan: {name: shop}\nevents: {paid: {owner: web}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	lines, talk := readLines()
	told := 0
	f := &planFollower{report: &report{format: "text", talk: talk}, path: "plan.yaml", set: func(*schema.Plan, error) { told++ }}
	go func() { // until three times over
		for range 3 {
			f.load()
		}
		talk.Close()
	}()
	var got []string
	for line := range lines {
		got = append(got, line)
	}
	if len(got) != 2 || told != 3 {
		t.Errorf("it said %q, and set the plan %d times; want two lines and 3", got, told)
	}
}
